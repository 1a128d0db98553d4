package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// maxMessage is what the engine itself allows a message to have.
const maxMessage = 400 << 20

// Server answers the engine for one cloud.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer

	// Table is what the server knows of its cloud.
	Table Table
	// Open gives the world of a stack, a new one when there is none.
	Open func(ctx context.Context, stack string) (World, error)
	// PlanOnly says that nothing is going to run, so that what this machine
	// cannot run is no reason to refuse.
	PlanOnly bool
	// StoreBlob copies a file into the content-addressed store.
	StoreBlob func(path string) (sha256 string, size int64, err error)
	// Log gets one line a change.
	Log *slog.Logger

	locks sync.Map // stack → *sync.Mutex: decide and record are one step
}

// Serve answers on a loopback listener until ctx ends; calls under way are
// cancelled then, and what they have recorded stays unconfirmed.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("serve provider %s: %s is not a loopback address", s.Table.Name, l.Addr()), l.Close())
	}
	g := grpc.NewServer(grpc.StatsHandler(tagger{}), grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
	pulumirpc.RegisterResourceProviderServer(g, s)
	stop := context.AfterFunc(ctx, g.Stop)
	defer stop()
	if err := g.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve provider %s: %w", s.Table.Name, err)
	}
	return nil
}

// lock makes one stack's decisions one after the other.
func (s *Server) lock(stack string) (unlock func()) {
	m, _ := s.locks.LoadOrStore(stack, &sync.Mutex{})
	mu := m.(*sync.Mutex)
	mu.Lock()
	return mu.Unlock
}

// Handshake tells what the server understands and learns where the program is.
func (s *Server) Handshake(ctx context.Context, req *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	folder := req.GetProgramDirectory()
	if folder == "" {
		folder = req.GetRootDirectory()
	}
	sessionOf(ctx).enter(folder)
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true}, nil
}

// Attach needs nothing: the server calls no engine.
func (s *Server) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo answers the SDK's version; the engine warns of a lower one.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: s.Table.Version}, nil
}

// Cancel arrives at every close of a provider and ends nothing: the calls of
// this connection end with their own contexts.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Invoke answers a function of the package.
func (s *Server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	f, ok := s.Table.Invokes[req.GetTok()]
	if !ok {
		return nil, status.Errorf(codes.Unimplemented, "localcloud does not know the function %s", req.GetTok())
	}
	config, err := configOf(ctx)
	if err != nil {
		return nil, err
	}
	props, err := unmarshal(req.GetArgs())
	if err != nil {
		return nil, invalid("read arguments of %s: %w", req.GetTok(), err)
	}
	args, _, err := plain(props)
	if err != nil {
		return nil, invalid("read arguments of %s: %w", req.GetTok(), err)
	}
	if problems := Problems(f.Properties, args); len(problems) > 0 {
		return &pulumirpc.InvokeResponse{Failures: checkFailures(problems)}, nil
	}
	answer, err := f.Answer(Request{Config: config, Inputs: Normalise(f.Properties, args)})
	if err != nil {
		return nil, invalid("%s: %w", req.GetTok(), err)
	}
	out, err := marshal(rich(answer, nil))
	if err != nil {
		return nil, err
	}
	return &pulumirpc.InvokeResponse{Return: out}, nil
}

func configOf(ctx context.Context) (Inputs, error) {
	config, _ := sessionOf(ctx).get()
	if config == nil {
		return nil, status.Error(codes.FailedPrecondition, "the provider is not configured")
	}
	return config, nil
}

func invalid(format string, args ...any) error {
	return status.Error(codes.InvalidArgument, fmt.Errorf(format, args...).Error())
}
