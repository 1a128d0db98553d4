package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// miswriter stands between the engine and the daemon, and makes the program one
// that somebody wrote wrongly: it edits the inputs of resources as they are
// checked. Everything else goes through as it is.
type miswriter struct {
	pulumirpc.UnimplementedResourceProviderServer
	daemon pulumirpc.ResourceProviderClient
	edit   func(urn string, inputs *structpb.Struct)
}

func (m *miswriter) Check(ctx context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	edited, ok := proto.Clone(r).(*pulumirpc.CheckRequest)
	if !ok {
		return nil, fmt.Errorf("clone %T", r)
	}
	m.edit(r.GetUrn(), edited.GetNews())
	return m.daemon.Check(ctx, edited)
}

func (m *miswriter) Handshake(ctx context.Context, r *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return m.daemon.Handshake(ctx, r)
}

func (m *miswriter) Attach(ctx context.Context, r *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return m.daemon.Attach(ctx, r)
}

func (m *miswriter) GetPluginInfo(ctx context.Context, r *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return m.daemon.GetPluginInfo(ctx, r)
}

func (m *miswriter) CheckConfig(ctx context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return m.daemon.CheckConfig(ctx, r)
}

func (m *miswriter) DiffConfig(ctx context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return m.daemon.DiffConfig(ctx, r)
}

func (m *miswriter) Configure(ctx context.Context, r *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return m.daemon.Configure(ctx, r)
}

func (m *miswriter) Invoke(ctx context.Context, r *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return m.daemon.Invoke(ctx, r)
}

func (m *miswriter) Diff(ctx context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return m.daemon.Diff(ctx, r)
}

func (m *miswriter) Create(ctx context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return m.daemon.Create(ctx, r)
}

func (m *miswriter) Read(ctx context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return m.daemon.Read(ctx, r)
}

func (m *miswriter) Update(ctx context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return m.daemon.Update(ctx, r)
}

func (m *miswriter) Delete(ctx context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return m.daemon.Delete(ctx, r)
}

func (m *miswriter) Cancel(ctx context.Context, r *emptypb.Empty) (*emptypb.Empty, error) {
	return m.daemon.Cancel(ctx, r)
}

// misdeclare serves a miswriter for the stack's daemon and answers its port.
func (s *stack) misdeclare(port string, edit func(string, *structpb.Struct)) string {
	s.t.Helper()
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, &miswriter{daemon: pulumirpc.NewResourceProviderClient(conn), edit: edit})
	go func() { _ = server.Serve(l) }() // ends by Stop
	s.t.Cleanup(func() {
		server.Stop()
		if err := conn.Close(); err != nil {
			s.t.Error(err)
		}
	})
	_, own, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	return own
}

// upMisdeclared runs the real program, miswritten, and answers what deploy said.
func (s *stack) upMisdeclared(edit func(string, *structpb.Struct)) (string, error) {
	s.t.Helper()
	localcloud := filepath.Join(s.root, "bin/localcloud")
	// A large time scale: what waits for a minute on the cloud is not awaited.
	if out, err := s.command(s.t.Context(), localcloud, "start", "--time-scale", "40").CombinedOutput(); err != nil {
		s.t.Fatalf("start: %v\n%s", err, out)
	}
	env, err := s.command(s.t.Context(), localcloud, "env").Output()
	if err != nil {
		s.t.Fatalf("env: %v", err)
	}
	cmd := s.command(s.t.Context(), filepath.Join(s.root, "bin/deploy"), "up", "--cloud", "aws", "--stack", "dev",
		"--project", s.root, "--work", s.state.Pulumi("work"), "--topology", "regional",
		"--architecture", architecture(), "--release", filepath.Join(s.root, "bin/orchard"))
	for line := range strings.Lines(string(env)) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		value = strings.Trim(value, "'")
		if name == "PULUMI_DEBUG_PROVIDERS" {
			port, _, _ := strings.Cut(strings.TrimPrefix(value, "aws:"), ",")
			value = "aws:" + s.misdeclare(port, edit)
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(s.root, "bin")+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestMisdeclared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(urn string, inputs *structpb.Struct)
		want []string // all in the last line
	}{
		"a role that may not read the release": {
			edit: func(urn string, inputs *structpb.Struct) {
				if policy := inputs.GetFields()["policy"]; strings.Contains(urn, "aws:iam/rolePolicy:RolePolicy::") && policy != nil {
					inputs.Fields["policy"] = structpb.NewStringValue(strings.ReplaceAll(policy.GetStringValue(), "s3:GetObject", "s3:GetObjectTagging"))
				}
			},
			want: []string{"group app", "is not authorized to perform s3:GetObject on resource", ":role/app", "i-"},
		},
		"a missing rule from balancer to instance": {
			edit: func(urn string, inputs *structpb.Struct) {
				if strings.HasSuffix(urn, "SecurityGroupIngressRule::app-balancer") {
					inputs.Fields["fromPort"], inputs.Fields["toPort"] = structpb.NewNumberValue(9), structpb.NewNumberValue(9)
				}
			},
			want: []string{"group app", "0 of 3 instances healthy", "8080", "security group"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			out, err := s.upMisdeclared(c.edit)
			if err == nil {
				t.Fatalf("deploy up: got no error, and\n%s", out)
			}
			lines := strings.Split(strings.TrimSpace(out), "\n")
			for _, want := range c.want {
				if last := lines[len(lines)-1]; !strings.Contains(strings.ToLower(last), strings.ToLower(want)) {
					t.Errorf("deploy up: the last line is %q, want %q in it", last, want)
				}
			}
			if left := s.status().Worlds; len(left) > 0 {
				t.Errorf("after a first up that failed: got %+v, want nothing", left)
			}
		})
	}
}
