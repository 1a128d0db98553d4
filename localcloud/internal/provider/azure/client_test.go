package azure_test

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// client is one connection, as the engine has one for each provider instance.
type client struct {
	*testing.T
	pulumirpc.ResourceProviderClient
}

// dial connects without configuring.
func dial(t *testing.T, address string) client {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return client{t, pulumirpc.NewResourceProviderClient(conn)}
}

// connect is a configured connection.
func connect(t *testing.T, address string, config map[string]any) client {
	t.Helper()
	c := dial(t, address)
	if _, err := c.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: c.pack(config)}); err != nil {
		t.Fatalf("Configure: %v", err)
	}
	return c
}

func (c client) pack(m map[string]any) *structpb.Struct {
	c.Helper()
	s, err := structpb.NewStruct(m)
	if err != nil {
		c.Fatal(err)
	}
	return s
}

func urn(typ, name string) string { return "urn:pulumi:test::orchard::" + typ + "::" + name }

// check gives the checked inputs; it fails the test on a failure.
func (c client) check(typ, name string, olds, news map[string]any) map[string]any {
	c.Helper()
	out, err := c.Check(c.Context(), &pulumirpc.CheckRequest{Urn: urn(typ, name), Olds: c.pack(olds), News: c.pack(news)})
	if err != nil {
		c.Fatalf("Check %s: %v", name, err)
	}
	if len(out.GetFailures()) > 0 {
		c.Fatalf("Check %s: %v", name, out.GetFailures())
	}
	return out.GetInputs().AsMap()
}

// reasons are the failures of a Check.
func (c client) reasons(typ, name string, news map[string]any) []string {
	c.Helper()
	out, err := c.Check(c.Context(), &pulumirpc.CheckRequest{Urn: urn(typ, name), News: c.pack(news)})
	if err != nil {
		c.Fatalf("Check %s: %v", name, err)
	}
	var reasons []string
	for _, f := range out.GetFailures() {
		reasons = append(reasons, f.GetReason())
	}
	return reasons
}

// create checks and creates, and gives id and outputs.
func (c client) create(typ, name string, inputs map[string]any) (string, map[string]any) {
	c.Helper()
	checked := c.check(typ, name, nil, inputs)
	out, err := c.Create(c.Context(), &pulumirpc.CreateRequest{Urn: urn(typ, name), Properties: c.pack(checked)})
	if err != nil {
		c.Fatalf("Create %s: %v", name, err)
	}
	return out.GetId(), out.GetProperties().AsMap()
}
