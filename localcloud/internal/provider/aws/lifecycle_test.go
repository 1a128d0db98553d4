package aws_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

const (
	vpcType = "aws:ec2/vpc:Vpc"
	sgType  = "aws:ec2/securityGroup:SecurityGroup"
	logType = "aws:cloudwatch/logGroup:LogGroup"
)

var inFrankfurt = map[string]any{"region": region}

// stuck makes Settle wait for the end of the call, and tells when it does.
func stuck(w *providertest.World) (waiting chan struct{}) {
	waiting = make(chan struct{})
	w.OnSettle = func(ctx context.Context, _ string) error {
		close(waiting)
		<-ctx.Done()
		return ctx.Err()
	}
	return waiting
}

// A Create whose answer is lost is repeated by the engine's next run.
func TestCreateRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	inputs := c.MustCheck(logType, "service", nil, map[string]any{})

	waiting := stuck(w)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-waiting; cancel() }()
	_, err := c.Create(ctx, &pulumirpc.CreateRequest{Urn: providertest.URN(logType, "service"), Properties: c.Pack(inputs)})
	if status.Code(err) != codes.Canceled {
		t.Fatalf("cancelled Create: error = %v, want Canceled", err)
	}
	lost, ok := w.Unconfirmed(providertest.URN(logType, "service"))
	if !ok {
		t.Fatal("the cancelled Create left no record")
	}

	w.OnSettle = nil
	id, _ := c.MustCreate(logType, "service", map[string]any{})
	if got := w.Of(logType); len(got) != 1 || got[0].ID != lost.ID || got[0].Confirmed {
		t.Errorf("after the repeated Create: %+v, want the one unconfirmed record of before", got)
	}
	changed, _ := c.MustCreate(logType, "service", map[string]any{"retentionInDays": 7.0})
	if changed != id || w.Of(logType)[0].Inputs["retentionInDays"] != 7.0 {
		t.Errorf("a repeated Create with other inputs: id = %s, inputs = %v, want the id %s updated", changed, w.Of(logType)[0].Inputs, id)
	}

	if _, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: providertest.URN(logType, "service"), Id: id}); err != nil {
		t.Fatal(err)
	}
	if other, _ := c.MustCreate(logType, "service", map[string]any{}); other == id {
		t.Errorf("a Create after the engine has named the id gives the same id %s again", id)
	}
}

// A lost Create that the program no longer wants as it was is not updated
// where the cloud would replace: the engine does not know that it exists.
func TestCreateRepeatedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	lost, _ := c.MustCreate(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
	id, out := c.MustCreate(vpcType, "net", map[string]any{"cidrBlock": "10.1.0.0/16"})
	if id == lost || out["cidrBlock"] != "10.1.0.0/16" || len(w.Of(vpcType)) != 1 {
		t.Errorf("Create = %s with %v beside %d others, want a new id in place of %s", id, out["cidrBlock"], len(w.Of(vpcType))-1, lost)
	}
}

// A Check that shows the inputs of a Create confirms it.
func TestCheckConfirms(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	c.MustCreate(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
	c.MustCheck(vpcType, "net", map[string]any{"cidrBlock": "10.1.0.0/16"}, map[string]any{"cidrBlock": "10.0.0.0/16"})
	if w.Of(vpcType)[0].Confirmed {
		t.Error("a Check with other inputs on record has confirmed the resource")
	}
	c.MustCheck(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"}, map[string]any{"cidrBlock": "10.0.0.0/16"})
	if !w.Of(vpcType)[0].Confirmed {
		t.Error("a Check with the same inputs on record has not confirmed the resource")
	}
}

func TestInitFailed(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.OnSettle = func(context.Context, string) error { return errors.New("port 8080 is taken") }
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	inputs := c.MustCheck(logType, "service", nil, map[string]any{})
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(logType, "service"), Properties: c.Pack(inputs)})
	details := status.Convert(err).Details()
	if len(details) != 1 {
		t.Fatalf("Create that does not settle: error = %v with details %v, want one detail", err, details)
	}
	failed, ok := details[0].(*pulumirpc.ErrorResourceInitFailed)
	if !ok || failed.GetId() != inputs["name"] || failed.GetProperties().AsMap()["arn"] == nil {
		t.Fatalf("detail = %v, want ErrorResourceInitFailed with the id %v and the outputs", details[0], inputs["name"])
	}
	if diff := cmp.Diff([]string{"port 8080 is taken"}, failed.GetReasons()); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

// Each connection has its own configuration.
func TestRegionOfConnection(t *testing.T) {
	t.Parallel()
	address := serve(t, newWorld())
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		c := providertest.Connect(t, address, map[string]any{"region": region})
		out, err := c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:index/getAvailabilityZones:getAvailabilityZones", Args: c.Pack(nil)})
		if err != nil {
			t.Fatal(err)
		}
		want := []any{region + "a", region + "b", region + "c"}
		if diff := cmp.Diff(want, out.GetReturn().AsMap()["names"]); diff != "" {
			t.Errorf("zones of %s (-want +got):\n%s", region, diff)
		}
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	c := providertest.Dial(t, serve(t, newWorld()))
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(vpcType, "net"), Properties: c.Pack(map[string]any{"cidrBlock": "10.0.0.0/16"})})
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("Create before Configure: error = %v, want FailedPrecondition", err)
	}
	for name, test := range map[string]struct {
		config map[string]any
		want   string
	}{
		"no region":     {map[string]any{}, "region: is required"},
		"not a region":  {map[string]any{"region": "Frankfurt"}, "region: "},
		"unknown":       {map[string]any{"region": region, "endpoints": []any{map[string]any{"ec2": "http://x"}}}, "endpoints: localcloud does not know"},
		"the SDK's own": {map[string]any{"region": region, "skipRegionValidation": "true", "version": "6.83.0", "defaultTags": `{"tags":{"a":"b"}}`}, ""},
	} {
		out, err := c.CheckConfig(t.Context(), &pulumirpc.CheckRequest{Urn: providertest.URN("pulumi:providers:aws", "aws"), News: c.Pack(test.config)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		if f := out.GetFailures(); len(f) > 0 {
			got = f[0].GetReason()
		}
		if (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: CheckConfig(%v) = %q, want %q", name, test.config, got, test.want)
		}
	}
}

func TestDefaultTags(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), map[string]any{
		"region": region, "defaultTags": map[string]any{"tags": map[string]any{"Project": "orchard", "Tier": "none"}},
	})
	_, out := c.MustCreate(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16", "tags": map[string]any{"Tier": "net"}})
	want := map[string]any{"Project": "orchard", "Tier": "net"}
	if diff := cmp.Diff(want, out["tagsAll"]); diff != "" {
		t.Errorf("tagsAll (-want +got):\n%s", diff)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	inputs := c.MustCheck(sgType, "app", nil, map[string]any{"vpcId": unknownText})
	out, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(sgType, "app"), Properties: c.Pack(inputs), Preview: true})
	if err != nil {
		t.Fatal(err)
	}
	got := out.GetProperties().AsMap()
	if got["arn"] != unknownText || got["vpcId"] != unknownText || got["name"] != inputs["name"] || got["description"] != "Managed by Pulumi" {
		t.Errorf("preview = %v, want arn and vpcId unknown, name and description known", got)
	}
	if len(w.Resources()) != 0 {
		t.Errorf("a preview has made %v", w.Resources())
	}
}

// The protocol's own words for an unknown text, a secret and an asset.
const (
	unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	secretKey   = "4dabf18193072939515e22adb298388d"
	secretValue = "1b47061264138c4ac30d75fd1eb44270"
	assetValue  = "c44067f5952c0a294b673a41bacd8c17"
)

func secret(value any) map[string]any {
	return map[string]any{secretKey: secretValue, "value": value}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	id, out := c.MustCreate(vpcType, "net", map[string]any{"cidrBlock": secret("10.0.0.0/16")})
	if diff := cmp.Diff(any(secret("10.0.0.0/16")), out["cidrBlock"]); diff != "" {
		t.Errorf("a secret input as an output (-want +got):\n%s", diff)
	}
	r, _ := w.Lookup(id)
	if r.Outputs["cidrBlock"] != "10.0.0.0/16" || cmp.Diff([]string{"cidrBlock"}, r.Secrets) != "" {
		t.Errorf("on record: outputs %v, secrets %v, want the plain value named as secret", r.Outputs, r.Secrets)
	}
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Id: id, Urn: providertest.URN(vpcType, "net")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(secret("10.0.0.0/16")), read.GetProperties().AsMap()["cidrBlock"]); diff != "" {
		t.Errorf("a secret read again (-want +got):\n%s", diff)
	}
}

// The reason of a failure does not show what is secret.
func TestSecretNotShown(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	short := database("password", "hunter2")
	delete(short, "manageMasterUserPassword")
	for name, got := range map[string][]string{
		"always secret":  c.Reasons("aws:rds/instance:Instance", "db", short),
		"made secret":    c.Reasons(vpcType, "net", map[string]any{"cidrBlock": secret("hunter2")}),
		"nested, secret": c.Reasons("aws:lb/targetGroup:TargetGroup", "app", map[string]any{"vpcId": "v", "port": 1.0, "protocol": "HTTP", "healthCheck": map[string]any{"path": secret("hunter2")}}),
	} {
		if len(got) != 1 || strings.Contains(got[0], "hunter2") || !strings.Contains(got[0], "secret and not shown") {
			t.Errorf("%s: reasons = %q, want one that does not show the value", name, got)
		}
	}
}

// A file is found from the folder of the program.
func TestRelativeAsset(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	bucket, _ := c.MustCreate("aws:s3/bucketV2:BucketV2", "b", map[string]any{})
	in := map[string]any{"bucket": bucket, "key": "k", "source": map[string]any{secretKey: assetValue, "path": "orchard"}}
	const object = "aws:s3/bucketObjectv2:BucketObjectv2"
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(object, "o"), Properties: c.Pack(in)})
	if err == nil || !strings.Contains(err.Error(), "give an absolute path") {
		t.Errorf("a relative file from nowhere: error = %v, want one that asks for an absolute path", err)
	}
	folder := filepath.Dir(providertest.Release(t))
	if _, err := c.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{ProgramDirectory: &folder}); err != nil {
		t.Fatal(err)
	}
	_, out := c.MustCreate(object, "o", in)
	if want := provider.Digest("a release"); out["checksumSha256"] != want {
		t.Errorf("checksumSha256 = %v, want %s", out["checksumSha256"], want)
	}
}

// What the world does not have is gone for Read and Delete, and an error for
// Diff and Update.
func TestGone(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	u, id, in := providertest.URN(vpcType, "net"), "vpc-0", c.Pack(map[string]any{"cidrBlock": "10.0.0.0/16"})
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Id: id, Urn: u})
	if err != nil || read.GetId() != "" {
		t.Errorf("Read = %v, %v, want an empty id", read, err)
	}
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: u}); err != nil {
		t.Errorf("Delete: %v, want none", err)
	}
	_, diffErr := c.Diff(t.Context(), &pulumirpc.DiffRequest{Id: id, Urn: u, OldInputs: in, News: in})
	_, updateErr := c.Update(t.Context(), &pulumirpc.UpdateRequest{Id: id, Urn: u, OldInputs: in, News: in})
	for _, err := range []error{diffErr, updateErr} {
		if status.Code(err) != codes.NotFound || !strings.Contains(err.Error(), "run `pulumi refresh`") {
			t.Errorf("error = %v, want one that says to run pulumi refresh", err)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	_, err := c.Check(t.Context(), &pulumirpc.CheckRequest{Urn: providertest.URN("aws:sqs/queue:Queue", "jobs"), News: c.Pack(nil)})
	if err == nil || !strings.Contains(err.Error(), "aws:sqs/queue:Queue") {
		t.Errorf("unknown type: error = %v, want one that names it", err)
	}
	_, err = c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:ec2/getAmi:getAmi", Args: c.Pack(nil)})
	if err == nil || !strings.Contains(err.Error(), "aws:ec2/getAmi:getAmi") {
		t.Errorf("unknown function: error = %v, want one that names it", err)
	}
}

// A program that names its resource has the old one deleted first.
func TestDeleteBeforeReplace(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	for name, want := range map[string]bool{"": false, "fixed": true} {
		inputs := map[string]any{"logGroupClass": "STANDARD"}
		if name != "" {
			inputs["name"] = name
		}
		id, _ := c.MustCreate(logType, "service"+name, inputs)
		olds := c.MustCheck(logType, "service"+name, nil, inputs)
		inputs["logGroupClass"] = "DELIVERY"
		news := c.MustCheck(logType, "service"+name, olds, inputs)
		out, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{Id: id, Urn: providertest.URN(logType, "service"+name), OldInputs: c.Pack(olds), News: c.Pack(news)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"logGroupClass"}, out.GetReplaces()); diff != "" || out.GetDeleteBeforeReplace() != want {
			t.Errorf("name %q: replaces %v, delete before replace %v, want logGroupClass, %v", name, out.GetReplaces(), out.GetDeleteBeforeReplace(), want)
		}
	}
}

// Cancel comes at every close of a provider and must end nothing.
func TestCancelEndsNothing(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	if _, err := c.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	info, err := c.GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.GetVersion() != aws.Version {
		t.Errorf("GetPluginInfo after Cancel = %v, %v, want version %s", info, err, aws.Version)
	}
	c.MustCreate(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
}

// elsewhere is a listener whose address is not loopback.
type elsewhere struct{ net.Listener }

func (elsewhere) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }

func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &provider.Server{Table: aws.Table()}
	if err := s.Serve(t.Context(), elsewhere{l}); err == nil || !strings.Contains(err.Error(), "not a loopback address") {
		t.Errorf("Serve on 192.0.2.1: error = %v, want a refusal", err)
	}
}

// A resource that the translation refuses is not recorded.
func TestTwoRegionsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(world.Resource{ID: "vpc-1", Type: vpcType, Private: map[string]any{"region": "us-east-1"}})
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	in := c.MustCheck(vpcType, "net", nil, map[string]any{"cidrBlock": "10.0.0.0/16"})
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(vpcType, "net"), Properties: c.Pack(in)})
	if err == nil || !strings.Contains(err.Error(), "one region a stack") || len(w.Resources()) != 1 {
		t.Errorf("Create in a second region: error = %v, %d resources, want a refusal", err, len(w.Resources()))
	}
}
