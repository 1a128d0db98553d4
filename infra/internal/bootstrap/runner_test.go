package bootstrap

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/golden"
)

const (
	writeToken = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	// standIn is a load runner as the script sees it: it writes what it was
	// told, and ends with the status that the test has put beside it.
	standIn = `#!/bin/bash
[ "$1 $3 $5" = "run --node --out" ] || exit 64
mkdir -p "$6" && echo "{}" >"$6/windows.jsonl"
echo "{\"plan\": \"$(head -1 "$2")\", \"token\": \"$ORCHARD_WRITE_TOKEN\", \"instance\": \"$4\"}" >"$6/run.json"
exit "$(cat "$STATUS" 2>/dev/null || echo 0)"
`
)

func digestOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func sampleRunner() Runner {
	return Runner{
		Digest: digestOf(standIn), Token: digestOf(writeToken), TokenKey: "tokens/" + digestOf(writeToken),
		Plan: "target:\n  url: http://fruit.example.org\n", Length: 50 * time.Second,
	}
}

func sampleAWSRunner() AWSRunner {
	r := sampleRunner()
	return AWSRunner{
		Runner: r, Region: "eu-central-1", Bucket: "releases-1a2b3c4",
		Key: "releases/" + r.Digest + "/loadrunner", ResultsPrefix: "results/load",
	}
}

func sampleAzureRunner() AzureRunner {
	r := sampleRunner()
	return AzureRunner{
		Runner: r, Account: "orchard0123456789", Container: "releases", Key: "releases/" + r.Digest + "/loadrunner",
		TokenContainer: "tokens", ResultsContainer: "results", ResultsPrefix: "load", NodeClient: appClient,
	}
}

func TestRunnerGolden(t *testing.T) {
	t.Parallel()
	for name, render := range map[string]func() (string, error){
		"aws-runner": sampleAWSRunner().Render, "azure-runner": sampleAzureRunner().Render,
	} {
		script, err := render()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		golden.Check(t, "testdata/"+name+".golden.sh", strings.ReplaceAll(script, digestOf(standIn), "<release>"))
		if strings.Contains(script, writeToken) || len(script) > MaxBytes/2 {
			t.Errorf("%s: it has %d bytes and must have no write token", name, len(script))
		}
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: bash -n: %v\n%s", name, err, out)
		}
	}
}

func TestRunnerRefuse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Runner){
		"release digest":       func(r *Runner) { r.Digest = "x" },
		"write token's digest": func(r *Runner) { r.Token = writeToken[1:] },
		"token key":            func(r *Runner) { r.TokenKey = "$(id)" },
		"is not whole lines":   func(r *Runner) { r.Plan = "a" },
		"one of them is PLAN":  func(r *Runner) { r.Plan = "a\nPLAN\nid\n" },
		"run length":           func(r *Runner) { r.Length = 0 },
	} {
		aws, azure := sampleAWSRunner(), sampleAzureRunner()
		change(&aws.Runner)
		change(&azure.Runner)
		for _, render := range []func() (string, error){aws.Render, azure.Render} {
			if _, err := render(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: got error %v, want one that names it", name, err)
			}
		}
	}
	aws, azure := sampleAWSRunner(), sampleAzureRunner()
	aws.Bucket, azure.NodeClient = "a b", "`id`"
	if _, err := aws.Render(); err == nil || !strings.Contains(err.Error(), "bucket") {
		t.Errorf("bucket: got error %v", err)
	}
	if _, err := azure.Render(); err == nil || !strings.Contains(err.Error(), "node client") {
		t.Errorf("node client: got error %v", err)
	}
}

// newRunner is a machine whose store is a folder: `aws s3 cp` copies into it
// and out of it, by the key.
func newRunner(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	m.store = t.TempDir()
	m.write(t, "aws", `#!/bin/bash
[ "$1 $2" = "s3 cp" ] || exit 252
from=${3/#s3:\/\/releases-1a2b3c4/$STORE} to=${4/#s3:\/\/releases-1a2b3c4/$STORE}
[ "$to" = "$4" ] || [ ! -e "$STORE/closed" ] || exit 1
mkdir -p "${to%/*}" && cp "$from" "$to"
`)
	m.keep(t, sampleAWSRunner().Key, standIn)
	m.keep(t, sampleRunner().TokenKey, writeToken)
	return m
}

// keep puts an object into the store.
func (m *machine) keep(t *testing.T, key, text string) {
	t.Helper()
	path := filepath.Join(m.store, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) bash(t *testing.T, script string, env ...string) (string, error) {
	t.Helper()
	command := exec.Command("bash")
	command.Stdin = strings.NewReader(script)
	command.Env = append(env, "PATH="+m.image+":/usr/bin:/bin", "DESTDIR="+m.root, "CURL_HOME="+m.image, "HOME="+m.image, "STORE="+m.store)
	out, err := command.CombinedOutput()
	return string(out), err
}

func (m *machine) boot(t *testing.T) (string, error) {
	t.Helper()
	script, err := sampleAWSRunner().Render()
	if err != nil {
		t.Fatal(err)
	}
	return m.bash(t, script)
}

// TestRunnerRun runs the whole script.
func TestRunnerRun(t *testing.T) {
	t.Parallel()
	m := newRunner(t)
	if out, err := m.boot(t); err != nil {
		t.Fatalf("script: %v\n%s", err, out)
	}
	for name, mode := range map[string]os.FileMode{
		"usr/local/bin/loadrunner": 0o755, "usr/local/lib/orchard/run-load": 0o755, "etc/orchard/load.env": 0o600,
		"etc/orchard/plan.yaml": 0o644, "etc/systemd/system/orchard-load.timer": 0o644,
	} {
		info, err := os.Stat(filepath.Join(m.root, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: got %v, %v, want mode %v", name, info, err, mode)
		}
	}
	if got := m.read(t, "etc/orchard/plan.yaml"); got != sampleRunner().Plan {
		t.Errorf("plan: got %q", got)
	}
	if _, err := os.Stat(filepath.Join(m.root, "etc/orchard/token.new")); err == nil {
		t.Error("the token's file is still there")
	}
	want := "daemon-reload\nenable --now orchard-load.timer\n"
	if diff := cmp.Diff(want, m.read(t, "systemctl.log")); diff != "" {
		t.Errorf("systemctl's commands (-want +got):\n%s", diff)
	}
}

// TestRunnerRefusesAnotherToken: nothing is started with it.
func TestRunnerRefusesAnotherToken(t *testing.T) {
	t.Parallel()
	m := newRunner(t)
	m.keep(t, sampleRunner().TokenKey, "another token")
	out, err := m.boot(t)
	if err == nil || !strings.Contains(out, "failed at line") || strings.Contains(out, "another token") {
		t.Errorf("script: got %v, want a failure that names its line and not the token\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(m.root, "systemctl.log")); err == nil {
		t.Error("a unit was started")
	}
}

// once does what the unit does at each beat of its timer.
func (m *machine) once(t *testing.T, status string) (string, error) {
	t.Helper()
	m.write(t, "status", status)
	state := filepath.Join(m.root, "var/lib/orchard-load")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	script := `set -a; . "$DESTDIR/etc/orchard/load.env"; exec "$DESTDIR/usr/local/lib/orchard/run-load" "$DESTDIR/usr/local/bin/loadrunner"`
	return m.bash(t, script, "STATE_DIRECTORY="+state, "STATUS="+filepath.Join(m.image, "status"))
}

func (m *machine) results(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestRunnerSendsResults: each under a name of its own, and what could not be
// sent is sent with the next.
func TestRunnerSendsResults(t *testing.T) {
	t.Parallel()
	m := newRunner(t)
	if out, err := m.boot(t); err != nil {
		t.Fatalf("script: %v\n%s", err, out)
	}
	// The name has the second in which a run begins.
	m.write(t, "date", "#!/bin/bash\necho \"x\" >>\"$DESTDIR/dates\"\nprintf '20261126T1200%02dZ\\n' \"$(wc -l <\"$DESTDIR/dates\")\"\n")
	there, here := filepath.Join(m.store, "results/load/i-0abc"), filepath.Join(m.root, "var/lib/orchard-load")
	m.keep(t, "closed", "")
	if out, err := m.once(t, "0"); err != nil || !strings.Contains(out, "the next run tries again") || len(m.results(t, here)) != 1 {
		t.Fatalf("run while the store is closed: %v, %d results kept, want 1\n%s", err, len(m.results(t, here)), out)
	}
	if err := os.Remove(filepath.Join(m.store, "closed")); err != nil {
		t.Fatal(err)
	}
	if out, err := m.once(t, "1"); err != nil {
		t.Fatalf("run that misses its objectives: %v\n%s", err, out)
	}
	if out, err := m.once(t, "2"); err == nil {
		t.Errorf("broken run: got no error\n%s", out)
	}
	if sent, kept := m.results(t, there), m.results(t, here); len(sent) != 3 || len(kept) != 0 {
		t.Fatalf("results: got %v sent and %v kept, want three and none", sent, kept)
	}
	text, err := os.ReadFile(filepath.Join(there, "20261126T120001Z/run.json"))
	want := `{"plan": "target:", "token": "` + writeToken + `", "instance": "i-0abc"}` + "\n"
	if err != nil || string(text) != want {
		t.Errorf("first result: got %s, %v, want %s", text, err, want)
	}
}
