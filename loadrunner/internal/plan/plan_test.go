package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/mix"
	"orchard/loadrunner/internal/results"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRead(t *testing.T) {
	t.Parallel()
	p, err := Read(write(t, "plan.yaml", `
target: {url: "http://127.1.0.10:8080"}
timeout: 5s
connections: 30
records: true
phases:
  - {shape: constant, rate: 300, for: 30s}
  - {shape: ramp, from: 300, to: 600, for: 10s}
  - {shape: step, from: 600, to: 900, steps: 4, for: 20s}
  - {shape: spike, rate: 300, peak: 1500, after: 5s, width: 5s, for: 20s}
mix: {list: 1, detail: 2, create: 3, update: 4}
objectives: [p99 < 50ms, errors < 0.1%, lost == 0]
`), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Engine.Schedule.Count(), uint64(9000+4500+15000+12000); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
	if p.Engine.Address != "127.1.0.10:8080" || p.Engine.TLS || p.Engine.Timeout != 5*time.Second || p.Engine.Connections != 30 || p.Engine.InFlight != 1000 || !p.Records {
		t.Errorf("the engine is %+v, records %v", p.Engine, p.Records)
	}
	if diff := cmp.Diff(mix.Weights{List: 1, Detail: 2, Create: 3, Update: 4}, p.Mix); diff != "" {
		t.Errorf("mix (-want +got):\n%s", diff)
	}
	events := []results.Event{{At: 30 * time.Second, Name: "ramp"}, {At: 40 * time.Second, Name: "step"}, {At: time.Minute, Name: "spike"}}
	if diff := cmp.Diff(events, p.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if len(p.Objectives) != 3 {
		t.Errorf("%d objectives, want 3", len(p.Objectives))
	}
}

// TestReadReportsEveryError has a file with one of each.
func TestReadReportsEveryError(t *testing.T) {
	t.Parallel()
	_, err := Read(write(t, "plan.yaml", `
target: {url: "ftp://x", port: 1}
timeout: soon
connections: many
in-flight: 20000
rate: 5
phases:
  - {shape: wave, for: 1s}
  - {shape: ramp, from: 1, to: 2, peak: 3}
  - {shape: spike, rate: 1, peak: 2, after: 5s, width: 5s, for: 10s}
  - {shape: constant, rate: -1, for: 1s}
mix: {list: 0, update: 1}
objectives: [p98 < 1ms, errors < 1]
`), "")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"field port not found", "line 3: write a time", "line 4: cannot unmarshal", "field rate not found",
		"in-flight: give 1 to 10000, not 20000", `"ftp://x" is no url`,
		`phases[0]: shape is constant, ramp, step or spike, not "wave"`,
		"phases[1]: give for", "a ramp has no peak",
		"phases[2]: give after and width", "phases[3]: segment 1: a rate is 0 to",
		"mix: updates are of rows", "there is no metric p98", "a share such as",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	outputs := write(t, "outputs.json", `{"schemaVersion": 1, "url": "https://fruit.example"}`)
	tests := []struct {
		target  Target
		address string
		err     string
	}{
		{Target{URL: "http://127.0.0.1:8080"}, "127.0.0.1:8080", ""},
		{Target{URL: "http://[::1]"}, "[::1]:80", ""},
		{Target{Outputs: outputs}, "fruit.example:443", ""},
		{Target{}, "", "give a url, or"},
		{Target{URL: "http://a", Outputs: outputs}, "", "give a url, or"},
		{Target{Outputs: outputs + "x"}, "", "no such file"},
		{Target{Outputs: write(t, "empty.json", "{}")}, "", "has no url in it"},
	}
	for _, test := range tests {
		p, err := File{Target: test.target, Closed: &Closed{For: 1}}.Check()
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%+v: error %v, want %q", test.target, err, test.err)
			}
		case err != nil:
			t.Errorf("%+v: %v", test.target, err)
		case p.Engine.Address != test.address:
			t.Errorf("%+v: address %s, want %s", test.target, p.Engine.Address, test.address)
		}
	}
}

// TestExamples reads the plans that are shipped.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../plans/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d example plans, %v", len(files), err)
	}
	for _, file := range files {
		if _, err := Read(file, "http://127.0.0.1:1"); err != nil {
			t.Error(err)
		}
	}
}

func TestParseMix(t *testing.T) {
	t.Parallel()
	got, err := ParseMix("list=3,create=1")
	if err != nil || *got != (Mix{List: 3, Create: 1}) {
		t.Errorf("ParseMix = %+v, %v", got, err)
	}
	for _, text := range []string{"", "list", "list=x", "read=1"} {
		if _, err := ParseMix(text); err == nil {
			t.Errorf("ParseMix(%q) gave no error", text)
		}
	}
}
