package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/fakecloud"
)

// bench is one test's place: a checkout's files, state and environment.
type bench struct {
	t       *testing.T
	project string
	work    string
	release string
}

func newBench(t *testing.T, port int) *bench {
	t.Helper()
	root := t.TempDir()
	t.Setenv("PATH", filepath.Join(checkout(t), "bin")+":"+os.Getenv("PATH"))
	t.Setenv("PULUMI_BACKEND_URL", "file://"+root+"?metadata=skip")
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "test")
	t.Setenv("PULUMI_HOME", filepath.Join(root, "home"))
	t.Setenv("PULUMI_DEBUG_PROVIDERS", fmt.Sprintf("aws:%d", port))
	t.Setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
	t.Setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
	if _, err := exec.LookPath("pulumi"); err != nil {
		t.Fatal("these tests need the real engine: no pulumi in bin/ and none on PATH; `make` builds one")
	}
	b := &bench{t: t, project: checkout(t), work: filepath.Join(root, "work"), release: filepath.Join(root, "orchard")}
	b.build("first")
	return b
}

func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// build writes a release that differs by the mark.
func (b *bench) build(mark string) {
	b.t.Helper()
	if err := os.WriteFile(b.release, append(fakecloud.Release("arm64"), mark...), 0o700); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) run(args ...string) (stdout, stderr string, err error) {
	b.t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--project", b.project, "--work", b.work)
	if args[0] == "up" || args[0] == "preview" {
		args = append(args, "--release", b.release)
	}
	err = run(b.t.Context(), args, os.Getenv, &out, &errs)
	b.t.Logf("deploy %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errs)
	return out.String(), errs.String(), err
}

func TestLifecycle(t *testing.T) {
	p, port := startProvider(t)
	b := newBench(t, port)
	b.markRunning()
	out, _, err := b.run("up")
	if err != nil {
		t.Fatal(err)
	}
	if last := lastLine(out); last != "url: http://loadbalancer-public.elb.amazonaws.com:8080" {
		t.Errorf("last line of up: got %q", last)
	}
	created, before := p.count(), b.checkoutFiles()
	out, _, err = b.run("up")
	if err != nil || !strings.Contains(out, fmt.Sprintf("%d unchanged", created+2)) {
		t.Errorf("second up: got %v and no line of %d unchanged (the stack and its provider too)", err, created+2)
	}
	if diff := cmp.Diff(before, b.checkoutFiles()); diff != "" {
		t.Errorf("up writes the checkout (-before +after):\n%s", diff)
	}
	out, _, err = b.run("outputs")
	var values map[string]any
	if err != nil || json.Unmarshal([]byte(out), &values) != nil || values["region"] != "eu-central-1" {
		t.Errorf("outputs: got %v, %q", err, out)
	}
	if _, _, err = b.run("down"); err != nil || p.count() != 0 || created == 0 {
		t.Errorf("down: got %v with %d of %d resources left, want none", err, p.count(), created)
	}
	out, _, err = b.run("down")
	if err != nil || !strings.Contains(out, "is not there") {
		t.Errorf("second down: got %v, %q", err, out)
	}
}

// markRunning leaves the marker of a killed run whose stack is gone, as it is
// when somebody has thrown the state away.
func (b *bench) markRunning() {
	b.t.Helper()
	if err := os.MkdirAll(b.work, 0o700); err != nil {
		b.t.Fatal(err)
	}
	f := &folder{path: filepath.Join(b.work, "dev")}
	if err := os.WriteFile(f.marker(), nil, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// checkoutFiles are Pulumi's files at the checkout's root, by name.
func (b *bench) checkoutFiles() map[string]string {
	b.t.Helper()
	names, err := filepath.Glob(filepath.Join(b.project, "Pulumi*"))
	if err != nil || len(names) == 0 {
		b.t.Fatalf("find Pulumi's files: %v", err)
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.t.Fatal(err)
		}
		files[filepath.Base(name)] = string(text)
	}
	return files
}
