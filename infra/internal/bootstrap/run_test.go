package bootstrap

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine is a folder that the script takes for a machine: curl is led to
// the test's servers by its own configuration, and what an image brings (aws,
// systemctl) are two short scripts.
type machine struct {
	root, image string
	store       string // the release as the store has it
}

const theRelease = "the release"

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{root: t.TempDir(), image: t.TempDir()}
	m.store = filepath.Join(m.image, "release")
	plain := httptest.NewServer(http.HandlerFunc(metadata))
	t.Cleanup(plain.Close)
	tls := httptest.NewTLSServer(http.HandlerFunc(authority))
	t.Cleanup(tls.Close)
	here, there := plain.Listener.Addr(), tls.Listener.Addr()
	m.write(t, "release", theRelease)
	m.write(t, ".curlrc", fmt.Sprintf(
		"insecure\nconnect-to = 169.254.169.254:80:%s\nconnect-to = localhost:8080:%s\nconnect-to = truststore.pki.rds.amazonaws.com:443:%s\n", here, here, there))
	m.write(t, "aws", "#!/bin/bash\n[ \"$1\" != autoscaling ] || { echo \"$*\" >>\"$DESTDIR/hook.log\"; exit; }\n"+
		"[ \"$1 $2 $3\" = \"s3 cp s3://releases-1a2b3c4/releases/$WANT/orchard\" ] && cp \""+m.store+"\" \"$4\"\n")
	m.write(t, "systemctl", "#!/bin/bash\necho \"$*\" >>\"$DESTDIR/systemctl.log\"\n")
	return m
}

func (m *machine) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.image, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// metadata is version 2 of the service, and the running release's answers.
func metadata(w http.ResponseWriter, r *http.Request) {
	const token = "token-1"
	pages := map[string]string{
		"/latest/meta-data/instance-id":                 "i-0abc",
		"/latest/meta-data/placement/availability-zone": "eu-central-1b",
	}
	page, known := pages[r.URL.Path]
	switch {
	case r.Method == http.MethodPut && r.Host == "169.254.169.254" && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != "":
		fmt.Fprint(w, token)
	case known && r.Header.Get("X-Aws-Ec2-Metadata-Token") == token:
		fmt.Fprint(w, page)
	case r.URL.Path == "/livez" && r.Host == "localhost:8080":
		fmt.Fprint(w, `{"ApplicationHealthState":"Healthy"}`)
	case r.URL.Path == "/version":
		fmt.Fprintf(w, `{"release": "%x"}`, sha256.Sum256([]byte(theRelease)))
	default:
		http.Error(w, "refused", http.StatusUnauthorized)
	}
}

func authority(w http.ResponseWriter, r *http.Request) {
	if r.Host != "truststore.pki.rds.amazonaws.com" || r.URL.Path != "/eu-central-1/eu-central-1-bundle.pem" {
		http.NotFound(w, r)
		return
	}
	fmt.Fprint(w, "the authority")
}

// run executes the script for the release as the program would name it.
func (m *machine) run(t *testing.T) (string, error) {
	t.Helper()
	return m.execute(t, sample())
}

func (m *machine) execute(t *testing.T, a AWS) (string, error) {
	t.Helper()
	a.Digest = fmt.Sprintf("%x", sha256.Sum256([]byte(theRelease)))
	a.Key = "releases/" + a.Digest + "/orchard"
	command := exec.Command("bash")
	command.Stdin = strings.NewReader(mustRender(t, a))
	command.Env = []string{
		"PATH=" + m.image + ":/usr/bin:/bin", "DESTDIR=" + m.root, "CURL_HOME=" + m.image, "HOME=" + m.image, "WANT=" + a.Digest,
	}
	out, err := command.CombinedOutput()
	return string(out), err
}

func (m *machine) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.root, name))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// TestRun runs the whole script.
func TestRun(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if out, err := m.run(t); err != nil {
		t.Fatalf("script: %v\n%s", err, out)
	}
	for name, mode := range map[string]os.FileMode{
		"usr/local/bin/orchard": 0o755, "etc/orchard/database-ca.pem": 0o644,
		"etc/orchard/orchard.env": 0o600, "etc/orchard/migrate.env": 0o600,
		"etc/systemd/system/orchard.service": 0o644,
	} {
		info, err := os.Stat(filepath.Join(m.root, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: got %v, %v, want mode %v", name, info, err, mode)
		}
	}
	if got := m.read(t, "usr/local/bin/orchard"); got != theRelease {
		t.Errorf("installed release: got %q", got)
	}
	environment := m.read(t, "etc/orchard/orchard.env")
	for _, want := range []string{"ORCHARD_INSTANCE=i-0abc\n", "ORCHARD_ZONE=eu-central-1b\n", "&sslrootcert=" + m.root + "/etc/orchard/database-ca.pem\n"} {
		if !strings.Contains(environment, want) {
			t.Errorf("the service's environment lacks %q:\n%s", want, environment)
		}
	}
	if unit := m.read(t, "etc/systemd/system/orchard.service"); !strings.Contains(unit, "\nExecStart="+m.root+"/usr/local/bin/orchard serve\n") {
		t.Errorf("the unit does not start the installed binary:\n%s", unit)
	}
	want := "daemon-reload\nstart orchard-migrate.service\nenable --now orchard.socket\nenable --now orchard.service\n"
	if diff := cmp.Diff(want, m.read(t, "systemctl.log")); diff != "" {
		t.Errorf("systemctl's commands (-want +got):\n%s", diff)
	}
}

// completed is what the machine has said of its boot to a scaling group.
func completed(group, result string) string {
	return "autoscaling complete-lifecycle-action --region eu-central-1 --auto-scaling-group-name " + group +
		" --lifecycle-hook-name serving --lifecycle-action-result " + result + " --instance-id i-0abc\n"
}

// TestRunCompletesHook: once, at the end, for the group of the instance.
func TestRunCompletesHook(t *testing.T) {
	t.Parallel()
	for group, perZone := range map[string]bool{"orchard-dev-app": false, "orchard-dev-eu-central-1b": true} {
		m := newMachine(t)
		a := sample()
		a.GroupPerZone = perZone
		if perZone {
			a.Group = "orchard-dev-"
		}
		if out, err := m.execute(t, a); err != nil {
			t.Errorf("%s: script: %v\n%s", group, err, out)
			continue
		}
		if diff := cmp.Diff(completed(group, "CONTINUE"), m.read(t, "hook.log")); diff != "" {
			t.Errorf("%s: what completes the hook (-want +got):\n%s", group, diff)
		}
	}
}

// TestRunSurvivesHook: one that cannot be abandoned changes no failure.
func TestRunSurvivesHook(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write(t, "sleep", "#!/bin/bash\n")
	m.write(t, "aws", "#!/bin/bash\nexit 254\n")
	out, err := m.run(t)
	if err == nil || !strings.Contains(out, "gave up: aws s3 cp") || !strings.Contains(out, "cannot abandon the launch") {
		t.Errorf("script: got %v, want the failure and that it is not told\n%s", err, out)
	}
}

// TestRunRefusesAnotherBinary: nothing is installed or started.
func TestRunRefusesAnotherBinary(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write(t, "release", "another binary")
	out, err := m.run(t)
	if err == nil || !strings.Contains(out, "failed at line") {
		t.Errorf("script: got %v, want a failure that names its line\n%s", err, out)
	}
	for _, name := range []string{"usr/local/bin/orchard", "systemctl.log"} {
		if _, err := os.Stat(filepath.Join(m.root, name)); err == nil {
			t.Errorf("%s is there after the digest did not match", name)
		}
	}
	if diff := cmp.Diff(completed("orchard-dev-app", "ABANDON"), m.read(t, "hook.log")); diff != "" {
		t.Errorf("what completes the hook (-want +got):\n%s", diff)
	}
}

// TestRunStopsAtUnit: a migration that fails ends the script.
func TestRunStopsAtUnit(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write(t, "sleep", "#!/bin/bash\n")
	m.write(t, "systemctl", "#!/bin/bash\necho \"$*\" >>\"$DESTDIR/systemctl.log\"\n[ \"$1\" != start ]\n")
	out, err := m.run(t)
	if err == nil || !strings.Contains(out, "gave up: systemctl start orchard-migrate.service") {
		t.Errorf("script: got %v, want a failure that names the unit\n%s", err, out)
	}
	if log := m.read(t, "systemctl.log"); strings.Count(log, "start orchard-migrate") != 5 || strings.Contains(log, "orchard.service") {
		t.Errorf("want five starts of the migration and none of the service, got:\n%s", log)
	}
}
