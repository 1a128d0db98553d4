package program

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/golden"
	"orchard/infra/internal/outputs"
	"orchard/infra/internal/settings/settingstest"
)

// dev is what Pulumi.dev.yaml sets.
var dev = map[string]string{"allowHttp": "true", "deletionProtection": "false", "listenerPort": "8080"}

// azure is what Pulumi.dev-azure.yaml sets.
var azure = map[string]string{
	"cloud": "azure", "allowHttp": "true", "deletionProtection": "false", "listenerPort": "8080", "databaseStorage": "32",
}

// load and loadAzure are what Pulumi.load.yaml and Pulumi.load-azure.yaml set,
// but for the release.
var (
	load      = map[string]string{"role": "loadrunner", "serviceStack": "dev", "deletionProtection": "false"}
	loadAzure = map[string]string{"cloud": "azure", "role": "loadrunner", "serviceStack": "dev-azure", "deletionProtection": "false"}
)

// record runs the program and gives its resources and resolved outputs.
func record(t *testing.T, stack string, changes ...map[string]string) (*fakecloud.Recorder, map[string]any, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orchard")
	if err := os.WriteFile(path, fakecloud.Release("arm64"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := settingstest.Defaults(t).With(map[string]string{"release": path})
	for _, change := range changes {
		config = config.With(change)
	}
	var recorder fakecloud.Recorder
	var values map[string]any
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		declared, err := Declare(ctx, config.Names())
		if err != nil {
			return err
		}
		declared.ToMapOutput().ApplyT(func(resolved map[string]any) any {
			values = resolved
			return nil
		})
		return nil
	}, pulumi.WithMocks("orchard", stack, &recorder), func(info *pulumi.RunInfo) { info.Config = config })
	return &recorder, values, err
}

// TestGolden keeps every resource of both topologies and of a stack with a
// certificate and protection, so that a change of the program is a change
// that a reviewer sees.
func TestGolden(t *testing.T) {
	for name, c := range map[string]struct {
		stack   string
		changes []map[string]string
	}{
		"aws-regional": {"dev", []map[string]string{dev}},
		"aws-zonal":    {"dev", []map[string]string{dev, {"topology": "zonal"}}},
		"aws-prod": {"prod", []map[string]string{{
			"certificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/c", "domain": "fruit.example.org",
		}}},
		"aws-load":       {"load", []map[string]string{load, {"nodes": "10"}}},
		"azure-load":     {"load-azure", []map[string]string{loadAzure, {"nodes": "10"}}},
		"azure-regional": {"dev-azure", []map[string]string{azure}},
		"azure-zonal":    {"dev-azure", []map[string]string{azure, {"topology": "zonal"}}},
		"azure-prod": {"prod-azure", []map[string]string{azure, {
			"allowHttp": "false", "listenerPort": "443", "deletionProtection": "true", "encryptionAtHost": "true", "size": "production",
			"certificateSecret": "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/fruit/secrets/fruit-example-org",
			"domain":            "fruit.example.org", "deployFrom": "198.51.100.7,203.0.113.0/24",
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			recorder, values, err := record(t, c.stack, c.changes...)
			if err != nil {
				t.Fatal(err)
			}
			shown := recorder.String() + "outputs " + indent(t, values)
			golden.Check(t, filepath.Join("../../testdata", name+".golden"), withoutRelease(t, shown, values))
			if _, err := outputs.Decode(asJSON(t, values)); err != nil {
				t.Errorf("outputs break their contract: %v", err)
			}
		})
	}
}

// withoutRelease replaces the digest and the path of the test's binary.
func withoutRelease(t *testing.T, text string, values map[string]any) string {
	t.Helper()
	digest := values["release"].(map[string]any)["digest"].(string)
	text = strings.ReplaceAll(text, digest, "<release>")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if before, _, ok := strings.Cut(line, "source: file "); ok {
			lines[i] = before + "source: file <release path>"
		}
	}
	return strings.Join(lines, "\n")
}

func indent(t *testing.T, values map[string]any) string {
	t.Helper()
	text, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// asJSON gives the values the types that the engine's JSON would.
func asJSON(t *testing.T, values map[string]any) (plain map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(indent(t, values)), &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestSameProgramSameResources(t *testing.T) {
	first, _, err := record(t, "dev", dev)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := record(t, "dev", dev, map[string]string{"zones": "eu-central-1b,eu-central-1c,eu-central-1a"})
	if err != nil {
		t.Fatal(err)
	}
	strip := func(r *fakecloud.Recorder) string { return withoutRelease(t, r.String(), releaseOf(r)) }
	if strip(first) != strip(second) {
		t.Error("the order in which zones are named moves resources")
	}
}

// releaseOf finds the digest in the release's key.
func releaseOf(r *fakecloud.Recorder) map[string]any {
	key := r.Of("aws:s3/bucketObjectv2:BucketObjectv2")["release"].Inputs["key"].StringValue()
	return map[string]any{"release": map[string]any{"digest": strings.Split(key, "/")[1]}}
}

func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		name, want string
		changes    map[string]string
	}{
		{"azure with settings of aws", "orchard:databaseStorage is 20; azure has", map[string]string{"cloud": "azure"}},
		{"other architecture", "orchard:architecture is x86_64", map[string]string{"architecture": "x86_64"}},
		{"no release", "set orchard:release", map[string]string{"release": "/nowhere"}},
		{"unknown key", "orchard:extra is not a known key", map[string]string{"extra": "1"}},
		{"runner without a service", "orchard:serviceStack is empty", map[string]string{"role": "loadrunner"}},
		{"plan that is not there", "read orchard:plan", map[string]string{"role": "loadrunner", "serviceStack": "dev2", "plan": "/nowhere"}},
	} {
		recorder, _, err := record(t, "dev", dev, c.changes)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
		if n := len(recorder.Resources()); n != 0 {
			t.Errorf("%s: %d resources were declared before the refusal", c.name, n)
		}
	}
}
