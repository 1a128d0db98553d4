package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"orchard/infra/internal/fakecloud"
)

// provider answers the engine as aws and keeps what it has created.
type provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	// onCreate is called before each creation and may refuse it.
	onCreate func(ctx context.Context, u urn.URN) error
	// onUpdate likewise.
	onUpdate func(u urn.URN) error

	// cancelled is closed when an engine is told to stop.
	cancelled chan struct{}
	cancel    sync.Once

	mu   sync.Mutex
	live map[urn.URN]bool
}

// startProvider serves on a loopback port until the test ends.
func startProvider(t *testing.T) (p *provider, port int) {
	t.Helper()
	p = &provider{live: map[urn.URN]bool{}, cancelled: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(1 << 28))
	pulumirpc.RegisterResourceProviderServer(server, p)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return p, listener.Addr().(*net.TCPAddr).Port
}

// count is how many resources exist.
func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.live)
}

func (p *provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "6.83.0"}, nil
}

func (p *provider) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (p *provider) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (p *provider) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{SupportsPreview: true}, nil
}

func (p *provider) Check(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (p *provider) Diff(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := unmarshal(r.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	if olds.DeepEquals(news) {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME}, nil
}

func (p *provider) Create(ctx context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	u := urn.URN(r.GetUrn())
	inputs, err := unmarshal(r.GetProperties())
	if err != nil {
		return nil, err
	}
	if r.GetPreview() {
		return &pulumirpc.CreateResponse{Properties: r.GetProperties()}, nil
	}
	if p.onCreate != nil {
		if err := p.onCreate(ctx, u); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	// A creation that was not answered is asked for again: the same resource.
	p.live[u] = true
	p.mu.Unlock()
	id, outputs := fakecloud.Create(string(u.Type()), u.Name(), inputs)
	properties, err := marshal(outputs)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

func (p *provider) Read(_ context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return &pulumirpc.ReadResponse{Id: r.GetId(), Properties: r.GetProperties(), Inputs: r.GetInputs()}, nil
}

func (p *provider) Update(_ context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	inputs, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	u := urn.URN(r.GetUrn())
	if p.onUpdate != nil {
		if err := p.onUpdate(u); err != nil {
			return nil, err
		}
	}
	_, outputs := fakecloud.Create(string(u.Type()), u.Name(), inputs)
	properties, err := marshal(outputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

func (p *provider) Delete(_ context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live[urn.URN(r.GetUrn())] {
		return nil, fmt.Errorf("delete %s: it does not exist", r.GetUrn())
	}
	delete(p.live, urn.URN(r.GetUrn()))
	return &emptypb.Empty{}, nil
}

// Cancel also comes at the end of each operation, for every provider.
func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.cancel.Do(func() { close(p.cancelled) })
	return &emptypb.Empty{}, nil
}

func (p *provider) Invoke(_ context.Context, r *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	args, err := unmarshal(r.GetArgs())
	if err != nil {
		return nil, err
	}
	answer, err := fakecloud.Invoke(r.GetTok(), args)
	if err != nil {
		return nil, err
	}
	values, err := marshal(answer)
	return &pulumirpc.InvokeResponse{Return: values}, err
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: false}

func unmarshal(values *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(values, wire)
}

func marshal(values resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(values, wire)
}
