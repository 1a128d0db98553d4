package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// carryOut runs the command as a shell would.
func carryOut(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	err = run(ctx, args, func(string) string { return "" }, &out, &errs)
	return out.String(), errs.String(), err
}

func answering(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(server.Close)
	return server.URL
}

// TestRunMergeReport goes the whole way of two nodes.
func TestRunMergeReport(t *testing.T) {
	t.Parallel()
	url, folder := answering(t), t.TempDir()
	one, two, merged := filepath.Join(folder, "one"), filepath.Join(folder, "two"), filepath.Join(folder, "merged")
	for _, out := range []string{one, two} {
		stdout, stderr, err := carryOut(t.Context(), "run", "--url", url, "--rate", "200", "--for", "1s", "--get", "/", "--behind", "100%", "--out", out, "--html", "--objective", "errors < 1%")
		if err != nil {
			t.Fatalf("run: %v\n%s", err, stderr)
		}
		if want := "200 scheduled = 200 answered"; !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in:\n%s", want, stdout)
		}
		if want := "1 of 1 s  due "; !strings.Contains(stderr, want) {
			t.Errorf("%q is missing in:\n%s", want, stderr)
		}
	}
	stdout, _, err := carryOut(t.Context(), "merge", "--out", merged, one, two)
	if err != nil || !strings.Contains(stdout, "2 nodes") || !strings.Contains(stdout, "400 scheduled = 400 answered") {
		t.Errorf("merge: %v\n%s", err, stdout)
	}
	again, _, err := carryOut(t.Context(), "report", merged)
	if err != nil || again != stdout {
		t.Errorf("report: %v\n%s\nwant\n%s", err, again, stdout)
	}
	for _, file := range []string{one + "/report.html", merged + "/report.html", merged + "/run.json"} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

// TestRequestsInEachPeriod spreads requests over the period.
func TestRequestsInEachPeriod(t *testing.T) {
	t.Parallel()
	stdout, _, err := carryOut(t.Context(), "run", "--url", answering(t), "--requests", "50", "--every", "1s", "--for", "2s", "--get", "/", "--behind", "100%")
	if err != nil || !strings.Contains(stdout, "100 scheduled = 100 answered") {
		t.Errorf("%v\n%s", err, stdout)
	}
}

func TestExit(t *testing.T) {
	t.Parallel()
	url := answering(t)
	plan := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(plan, []byte("target: {url: \"http://127.0.0.1:1\"}\nclosed: {for: 200ms}\nget: /\nbehind: 100%\nobjectives: [p99 < 1us]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	marked := t.TempDir()
	if _, _, err := carryOut(t.Context(), "run", "--url", url, "--rate", "50", "--for", "200ms", "--get", "/", "--behind", "100%", "--out", marked); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		args   []string
		missed bool
		err    string // of a run that is asked for wrongly
	}{
		{"missed", []string{"run", "--url", url, "--rate", "50", "--for", "200ms", "--get", "/", "--behind", "100%", "--objective", "p99 < 1us"}, true, ""},
		{"missed by a plan", []string{"run", plan, "--url", url}, true, ""},
		{"no loop", []string{"run", "--url", url}, false, "one of --rate, --requests and --closed"},
		{"two loops", []string{"run", "--url", url, "--rate", "5", "--closed"}, false, "one of --rate"},
		{"no target", []string{"run", "--rate", "5", "--for", "1s"}, false, "give a url"},
		{"no token", []string{"run", "--url", url, "--rate", "5", "--for", "1s"}, false, "ORCHARD_WRITE_TOKEN"},
		{"a plan and its flags", []string{"run", plan, "--rate", "5"}, false, "--rate is the plan's to say"},
		{"no plan", []string{"run", "nowhere.yaml"}, false, "read plan"},
		{"a bad objective", []string{"run", "--url", url, "--rate", "5", "--for", "1s", "--objective", "fast"}, false, "metric, comparison and bound"},
		{"metrics for everyone", []string{"run", "--url", url, "--rate", "5", "--for", "1s", "--get", "/", "--behind", "100%", "--metrics", "0.0.0.0:0"}, false, "is not on loopback"},
		{"html to nowhere", []string{"run", "--url", url, "--rate", "5", "--for", "1s", "--get", "/", "--behind", "100%", "--html"}, false, "--html needs --out"},
		{"a mark without a name", []string{"report", marked, "--html", marked + "/x.html", "--mark", "12s"}, false, "write a moment and a name"},
		{"merge to nowhere", []string{"merge", "x"}, false, "give --out"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := carryOut(t.Context(), test.args...)
			switch {
			case test.missed && !errors.Is(err, errMissed):
				t.Errorf("error %v, want %v", err, errMissed)
			case !test.missed && (err == nil || errors.Is(err, errMissed) || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want one with %q", err, test.err)
			}
		})
	}
}

// TestInterrupted stops a long run, which reports what it has.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	stdout, _, err := carryOut(ctx, "run", "--url", answering(t), "--rate", "100", "--for", "1h", "--get", "/", "--behind", "100%")
	if err != nil || !strings.Contains(stdout, "0 errors + 0 late") {
		t.Errorf("%v\n%s", err, stdout)
	}
}
