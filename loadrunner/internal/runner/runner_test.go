package runner

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/plan"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
)

// carryOut runs a plan of 2 s with writes in half of its requests.
func carryOut(t *testing.T, url string, o Options, objectives ...string) *results.Document {
	t.Helper()
	p, err := plan.File{
		Target: plan.Target{URL: url}, Mix: &plan.Mix{List: 10, Detail: 40, Create: 25, Update: 25}, Objectives: objectives,
		Phases: []plan.Phase{{Shape: "constant", Rate: 400, For: plan.Duration(2 * time.Second)}},
	}.Check()
	if err != nil {
		t.Fatal(err)
	}
	o.Token = token
	d, err := Run(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if d.Missing() != 0 || d.Scheduled != 800 {
		t.Errorf("outcomes %+v, want 800 scheduled and none missing", d.Counts)
	}
	return d
}

// TestLedger has the service keep its promises, and break each of them.
func TestLedger(t *testing.T) {
	t.Parallel()
	type promises struct{ Lost, Doubled, Wrong bool }
	tests := []struct {
		name    string
		service service
		want    promises
	}{
		{"kept", service{unique: true}, promises{}},
		{"kept, with connections that are cut", service{unique: true, cutEvery: 7}, promises{}},
		{"rows lost", service{unique: true, afterWrites: func(s *service, f *fruit) {
			if s.writes%50 == 49 {
				f.Name = "gone"
			}
		}}, promises{Lost: true}},
		{"updates lost", service{unique: true, afterWrites: func(s *service, f *fruit) {
			if s.writes%20 == 19 {
				f.Stock = max(0, f.Stock-1)
			}
		}}, promises{Lost: true}},
		{"keys forgotten", service{forgetful: true, cutEvery: 7}, promises{Doubled: true}},
		{"keys forgotten where names are unique", service{unique: true, forgetful: true, cutEvery: 7}, promises{Doubled: true}},
		{"prices changed", service{unique: true, afterWrites: func(s *service, f *fruit) {
			if s.writes == 100 {
				f.Price = "999.99"
			}
		}}, promises{Wrong: true}},
		{"updates invented", service{unique: true, afterWrites: func(s *service, f *fruit) {
			if s.writes == 300 {
				f.Stock += 1000
			}
		}}, promises{Wrong: true}},
	}
	for i := range tests {
		test := &tests[i]
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := carryOut(t, start(t, &test.service), Options{})
			v := d.Ledger
			if got := (promises{v.Lost > 0, v.Doubled > 0, v.Wrong > 0}); got != test.want {
				t.Errorf("the verdict is %+v, want %+v", *v, test.want)
			}
			if v.Acknowledged < 300 || v.Entries < 150 {
				t.Errorf("%d writes of %d rows acknowledged, want about 400 of 200", v.Acknowledged, v.Entries)
			}
		})
	}
}

// TestFolder holds what is written down to what is returned.
func TestFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "run")
	var seconds []int
	var started time.Time
	o := Options{
		Folder: folder, Node: "a", Window: func(w *record.Window) { seconds = append(seconds, w.Second) },
		Started: func(at time.Time) { started = at },
		Events:  func() []results.Event { return []results.Event{{At: time.Second, Name: "fault"}} },
	}
	d := carryOut(t, start(t, &service{unique: true}), o, "errors < 0.1%", "lost == 0", "p99 < 1us")
	saved, err := results.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.Counts, saved.Counts); diff != "" {
		t.Errorf("counts (-returned +saved):\n%s", diff)
	}
	if diff := cmp.Diff(d.Ledger, saved.Ledger); diff != "" {
		t.Errorf("ledger (-returned +saved):\n%s", diff)
	}
	if !saved.Started.Equal(started) || saved.Node != "a" || len(saved.Events) != 1 {
		t.Errorf("started %v, node %q, events %v; want %v, a and one", saved.Started, saved.Node, saved.Events, started)
	}
	var sum record.Counts
	for w, err := range results.Windows(folder) {
		if err != nil {
			t.Fatal(err)
		}
		sum.Add(w.Counts)
	}
	if diff := cmp.Diff(d.Counts, sum); diff != "" {
		t.Errorf("counts (-total +sum of windows):\n%s", diff)
	}
	if len(seconds) < 2 || seconds[0] != 0 || seconds[1] != 1 {
		t.Errorf("the windows were of the seconds %v", seconds)
	}
	met := []bool{}
	for _, o := range saved.Objectives {
		met = append(met, o.Met)
	}
	if diff := cmp.Diff([]bool{true, true, false}, met); diff != "" || saved.Met() {
		t.Errorf("objectives %v (-want +got):\n%s", saved.Objectives, diff)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(string) string { return "from the environment" }
	for _, test := range []struct{ file, want string }{{file, "secret"}, {"", "from the environment"}} {
		if got, err := Token(test.file, env); got != test.want || err != nil {
			t.Errorf("Token(%q) = %q, %v, want %q", test.file, got, err, test.want)
		}
	}
	if _, err := Token(file+"-none", env); err == nil {
		t.Error("a token file that is not there gives no error")
	}
}

func TestWritesNeedAToken(t *testing.T) {
	t.Parallel()
	p, err := plan.File{Target: plan.Target{URL: "http://127.0.0.1:1"}, Closed: &plan.Closed{For: 1}}.Check()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), p, Options{}); err == nil {
		t.Error("a mix with writes ran without a token")
	}
}
