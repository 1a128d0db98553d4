package providertest

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// Client is one connection, as the engine has one for each provider instance.
type Client struct {
	*testing.T
	pulumirpc.ResourceProviderClient
}

// Dial connects without configuring.
func Dial(t *testing.T, address string) Client {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return Client{t, pulumirpc.NewResourceProviderClient(conn)}
}

// Connect is a configured connection.
func Connect(t *testing.T, address string, config map[string]any) Client {
	t.Helper()
	c := Dial(t, address)
	if _, err := c.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: c.Pack(config)}); err != nil {
		t.Fatalf("Configure: %v", err)
	}
	return c
}

// Pack makes a message of values.
func (c Client) Pack(m map[string]any) *structpb.Struct {
	c.Helper()
	s, err := structpb.NewStruct(m)
	if err != nil {
		c.Fatal(err)
	}
	return s
}

// URN is that of a resource in the stack of the tests.
func URN(typ, name string) string { return "urn:pulumi:test::orchard::" + typ + "::" + name }

// MustCheck gives the checked inputs; it fails the test on a failure.
func (c Client) MustCheck(typ, name string, olds, news map[string]any) map[string]any {
	c.Helper()
	out, err := c.Check(c.Context(), &pulumirpc.CheckRequest{Urn: URN(typ, name), Olds: c.Pack(olds), News: c.Pack(news)})
	if err != nil {
		c.Fatalf("Check %s: %v", name, err)
	}
	if len(out.GetFailures()) > 0 {
		c.Fatalf("Check %s: %v", name, out.GetFailures())
	}
	return out.GetInputs().AsMap()
}

// Reasons are the failures of a Check.
func (c Client) Reasons(typ, name string, news map[string]any) []string {
	c.Helper()
	out, err := c.Check(c.Context(), &pulumirpc.CheckRequest{Urn: URN(typ, name), News: c.Pack(news)})
	if err != nil {
		c.Fatalf("Check %s: %v", name, err)
	}
	var reasons []string
	for _, f := range out.GetFailures() {
		reasons = append(reasons, f.GetReason())
	}
	return reasons
}

// MustCreate checks and creates, and gives id and outputs.
func (c Client) MustCreate(typ, name string, inputs map[string]any) (string, map[string]any) {
	c.Helper()
	checked := c.MustCheck(typ, name, nil, inputs)
	out, err := c.Create(c.Context(), &pulumirpc.CreateRequest{Urn: URN(typ, name), Properties: c.Pack(checked)})
	if err != nil {
		c.Fatalf("Create %s: %v", name, err)
	}
	return out.GetId(), out.GetProperties().AsMap()
}
