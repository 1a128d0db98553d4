package providertest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// command finds the Pulumi CLI: PULUMI_BIN, then PATH, then the repository's
// own bin folder.
func command(t *testing.T) auto.PulumiCommand {
	t.Helper()
	path := os.Getenv("PULUMI_BIN")
	if path == "" {
		path, _ = exec.LookPath("pulumi")
	}
	if path == "" {
		path, _ = filepath.Abs("../../../../bin/pulumi")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the Pulumi CLI is needed: set PULUMI_BIN to it (%v)", err)
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(root, "bin", "pulumi")); err != nil {
		t.Fatal(err)
	}
	cmd, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// NewStack is a stack of the real engine, attached to a provider server in the
// place of a plugin.
func NewStack(t *testing.T, plugin, address string, run pulumi.RunFunc) auto.Stack {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	stack, err := auto.UpsertStackInlineSource(t.Context(), "test", "orchard", run,
		auto.Pulumi(command(t)), auto.WorkDir(t.TempDir()), auto.PulumiHome(t.TempDir()),
		auto.EnvVars(map[string]string{
			"PULUMI_DEBUG_PROVIDERS":                      plugin + ":" + port,
			"PULUMI_BACKEND_URL":                          "file://" + folder,
			"PULUMI_CONFIG_PASSPHRASE":                    "x",
			"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
			"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		}))
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// Release is the path of a file that a program can upload, "a release".
func Release(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orchard")
	if err := os.WriteFile(path, []byte("a release"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
