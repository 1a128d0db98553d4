package loadplan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/loadplan"
	"orchard/infra/internal/settings"
)

func TestConstant(t *testing.T) {
	t.Parallel()
	plan, err := loadplan.Of(settings.Runner{Rate: 20, Length: 50 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.For("http://fruit.example.org:8080")
	want := `connection-life: 10s
phases:
    - for: 50s
      rate: 20
      shape: constant
target:
    url: http://fruit.example.org:8080
`
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("plan: %v (-want +got):\n%s", err, diff)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := write(t, "mix: {list: 1, create: 1}\nphases: [{shape: ramp, from: 1, to: 9, for: 30s}]\n")
	plan, err := loadplan.Of(settings.Runner{Plan: path, Rate: 20})
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.For("https://fruit.example.org")
	for _, want := range []string{"url: https://fruit.example.org\n", "create: 1\n", "to: 9\n"} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("plan: got %v, and\n%s\nwant %q in it", err, got, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, want string }{
		"no file":  {"/nowhere/plan.yaml", "no such file"},
		"no YAML":  {write(t, "a: [\n"), "plan.yaml: yaml"},
		"a list":   {write(t, "- a\n"), "cannot unmarshal"},
		"nothing":  {write(t, "# nothing\n"), "it is empty"},
		"a target": {write(t, "target: {url: http://a}\nphases: []\n"), "it has a target; take it out"},
	} {
		_, err := loadplan.Of(settings.Runner{Plan: c.path})
		if err == nil || !strings.Contains(err.Error(), "orchard:plan") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestPort(t *testing.T) {
	t.Parallel()
	for service, want := range map[string]int{
		"http://127.1.0.10:8080": 8080, "http://fruit.example.org": 80, "https://fruit.example.org": 443,
		"": 0, "fruit.example.org": 0, "ftp://fruit.example.org": 0,
	} {
		got, err := loadplan.Port(service)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("port of %q: got %d, %v, want %d", service, got, err, want)
		}
	}
}
