package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
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
	edit   edit
}

// edit changes the inputs of resources.
type edit func(urn string, inputs *structpb.Struct)

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
func (s *stack) misdeclare(port string, edit edit) string {
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

// startMisdeclaring starts the daemon and answers a function that runs the real
// program, miswritten, and answers what deploy said. The time scale is that of
// the daemon.
func (s *stack) startMisdeclaring(cloud, scale string, edit edit) (up func() (string, error)) {
	s.t.Helper()
	localcloud := filepath.Join(s.root, "bin/localcloud")
	if out, err := s.command(s.t.Context(), localcloud, "start", "--time-scale", scale).CombinedOutput(); err != nil {
		s.t.Fatalf("start: %v\n%s", err, out)
	}
	text, err := s.command(s.t.Context(), localcloud, "env").Output()
	if err != nil {
		s.t.Fatalf("env: %v", err)
	}
	var env []string
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		value = strings.Trim(value, "'")
		if name == "PULUMI_DEBUG_PROVIDERS" {
			value = s.misdeclareAll(value, edit)
		}
		env = append(env, name+"="+value)
	}
	env = append(env, "PATH="+filepath.Join(s.root, "bin")+":"+os.Getenv("PATH"))
	return func() (string, error) {
		cmd := s.command(s.t.Context(), filepath.Join(s.root, "bin/deploy"), "up", "--cloud", cloud, "--stack", stackOf[cloud],
			"--project", s.root, "--work", s.state.Pulumi("work"), "--topology", "regional",
			"--architecture", architecture(), "--release", filepath.Join(s.root, "bin/orchard"))
		cmd.Env = append(cmd.Env, env...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

var stackOf = map[string]string{"aws": "dev", "azure": "dev-azure"}

// misdeclareAll puts a miswriter before each provider of a list like
// aws:1,azure-native:2.
func (s *stack) misdeclareAll(list string, edit edit) string {
	var out []string
	for entry := range strings.SplitSeq(list, ",") {
		name, port, _ := strings.Cut(entry, ":")
		out = append(out, name+":"+s.misdeclare(port, edit))
	}
	return strings.Join(out, ",")
}

// set changes properties of the resource that a URN ends with.
func set(name string, properties map[string]any) edit {
	return func(urn string, inputs *structpb.Struct) {
		if !strings.HasSuffix(urn, name) {
			return
		}
		for property, value := range properties {
			v, err := structpb.NewValue(value)
			if err != nil {
				panic(err) // the test's own table
			}
			inputs.Fields[property] = v
		}
	}
}

// otherPort makes a rule one for another port than anybody asks for.
func otherPort(rule string) edit { return set(rule, map[string]any{"fromPort": 9, "toPort": 9}) }

// withoutRule takes a rule out of a network security group.
func withoutRule(group, rule string) edit {
	return func(urn string, inputs *structpb.Struct) {
		if list := inputs.GetFields()["securityRules"].GetListValue(); strings.HasSuffix(urn, "NetworkSecurityGroup::"+group) && list != nil {
			list.Values = slices.DeleteFunc(list.Values, func(v *structpb.Value) bool {
				return v.GetStructValue().GetFields()["name"].GetStringValue() == rule
			})
		}
	}
}

func withoutGetObject(urn string, inputs *structpb.Struct) {
	if policy := inputs.GetFields()["policy"]; strings.Contains(urn, "aws:iam/rolePolicy:RolePolicy::") && policy != nil {
		inputs.Fields["policy"] = structpb.NewStringValue(strings.ReplaceAll(policy.GetStringValue(), "s3:GetObject", "s3:GetObjectTagging"))
	}
}

// justReader is a role definition that reads no blobs.
const justReader = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"

func asReader(urn string, inputs *structpb.Struct) {
	if strings.Contains(urn, ":RoleAssignment::") {
		set("", map[string]any{"roleDefinitionId": justReader})(urn, inputs)
	}
}

func TestMisdeclared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cloud string
		edit  edit
		want  []string // all in the last line
	}{
		"a role that may not read the release": {
			"aws", withoutGetObject,
			[]string{"group app", "is not authorized to perform s3:GetObject on resource", ":role/app", "i-"},
		},
		"a missing rule from balancer to instance": {
			"aws", otherPort("SecurityGroupIngressRule::app-balancer"),
			[]string{"group app", "0 of 3 instances healthy", "8080", "security group"},
		},
		"an identity that may not read the release": {
			"azure", asReader,
			[]string{"may not read blobs at", "containers/", "Storage Blob Data Reader"},
		},
		"a missing rule from probe to instance": {
			"azure", withoutRule("app", "app-balancer"),
			[]string{"0 of 3 instances healthy", "8080", "network security group app", "AzureLoadBalancer"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			// A large time scale: what waits for a minute on the cloud is not awaited.
			out, err := s.startMisdeclaring(c.cloud, "40", c.edit)()
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
