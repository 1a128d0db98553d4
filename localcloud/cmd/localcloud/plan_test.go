package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// TestPlanRuns has a command find Pulumi's environment, whose state is gone
// afterwards, and hands on its failure.
func TestPlanRuns(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"plan", "--", "env"}, os.Getenv, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	home := regexp.MustCompile(`(?m)^PULUMI_HOME=(.+)/home$`).FindStringSubmatch(out.String())
	if home == nil || !regexp.MustCompile(`(?m)^PULUMI_DEBUG_PROVIDERS=aws:\d+,azure-native:\d+$`).MatchString(out.String()) {
		t.Fatalf("got environment\n%s\nwant both providers and a home for Pulumi", &out)
	}
	if _, err := os.Stat(home[1]); !os.IsNotExist(err) {
		t.Errorf("%s after the command: got %v, want it gone", home[1], err)
	}
	err := run(t.Context(), []string{"plan", "--", "sh", "-c", "exit 3"}, os.Getenv, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a command that exits with 3: got error %v, want one that says so", err)
	}
}

// TestPlanTakesNothingUp checks a machine of each processor, one of which this
// machine is not, and creates none.
func TestPlanTakesNothingUp(t *testing.T) {
	t.Parallel()
	attached, err := answerPreviews(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("127.0.0.1"+strings.TrimPrefix(attached[0], "aws"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	aws := pulumirpc.NewResourceProviderClient(conn)
	config, _ := structpb.NewStruct(map[string]any{"region": "eu-central-1"})
	if _, err := aws.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: config}); err != nil {
		t.Fatal(err)
	}
	const urn = "urn:pulumi:dev::orchard::aws:ec2/launchTemplate:LaunchTemplate::app"
	for _, size := range []string{"t4g.small", "t3.small"} {
		inputs, _ := structpb.NewStruct(map[string]any{
			"name": "app", "imageId": "ami-0123456789abcdef0", "instanceType": size, "metadataOptions": map[string]any{"httpTokens": "required"},
		})
		checked, err := aws.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn, News: inputs})
		if err != nil || len(checked.GetFailures()) != 0 {
			t.Errorf("check of a template with %s: got %v, %v, want no failure", size, err, checked.GetFailures())
		}
		if _, err := aws.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn, Properties: inputs}); err == nil || !strings.Contains(err.Error(), "only previews are answered here") {
			t.Errorf("creation of a template with %s: got error %v, want a refusal", size, err)
		}
	}
}
