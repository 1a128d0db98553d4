package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/uploads"
)

// The fleet: ten nodes, each of which sends little for the longest run there
// is.
const (
	fleetNodes   = 10
	fleetRate    = 5  // requests/s of a node
	fleetSeconds = 60 // of a run
)

// fleet is the load runner's stack beside a service's, under the same daemon.
type fleet struct {
	*stack
	name     string
	location string // of the results
}

// TestFleet takes the service up, and the program's second system beside it.
// Every node makes a run of a minute, and the joined report has what the runs
// have together: the same numbers, and the percentiles of all their requests.
func TestFleet(t *testing.T) {
	t.Parallel()
	clouds := []string{"aws"}
	if *long {
		clouds = append(clouds, "azure")
	}
	for _, cloud := range clouds {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			service := newStack(t, "CLOUD="+cloud)
			service.up()
			name := map[string]string{"aws": "load", "azure": "load-azure"}[cloud]
			f := fleet{stack: service.with("STACK=" + name), name: name}
			f.make("up", fmt.Sprintf("CONFIG=nodes=%d runSeconds=%d plan=%s", fleetNodes, fleetSeconds, fleetPlan(t)))
			f.location, _ = f.outputs()["resultsLocation"].(string)
			if got, want := strings.TrimSpace(f.make("token")), service.token; got != want {
				t.Error("the runner's write token is not its service's")
			}
			f.eventually("a whole run of each node", 4*time.Minute, func() (bool, string) {
				runs := f.runs(t)
				return len(byNode(runs)) == fleetNodes, fmt.Sprintf("%d runs of %d nodes", len(runs), len(byNode(runs)))
			})
			f.judge(t)
			f.make("down")
			service.make("down")
			if left := service.processes(); len(left) > 0 {
				t.Errorf("after make down of both: processes\n%s", describe(left))
			}
		})
	}
}

// fleetPlan is the file of a plan by which nodes write each request down.
func fleetPlan(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.yaml")
	text := fmt.Sprintf("phases: [{shape: constant, rate: %d, for: %ds}]\nconnection-life: 10s\nrecords: true\n", fleetRate, fleetSeconds)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// with is the same state folder for other make variables.
func (s *stack) with(vars ...string) *stack {
	other := *s
	other.vars = append(append([]string{}, s.vars...), vars...)
	return &other
}

// runs are the keys of the whole results that the nodes have put.
func (f fleet) runs(t *testing.T) []string {
	t.Helper()
	container, prefix, err := uploads.Split(f.location)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := f.state.Uploads(f.name).Keys(container, prefix+"/")
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for _, key := range keys {
		if strings.HasSuffix(key, "/run.json") {
			runs = append(runs, strings.TrimPrefix(key, prefix+"/"))
		}
	}
	return runs
}

// byNode counts the runs of each node.
func byNode(runs []string) map[string]int {
	nodes := map[string]int{}
	for _, run := range runs {
		node, _, _ := strings.Cut(run, "/")
		nodes[node]++
	}
	return nodes
}

// result is the part of a run.json that this test reads.
type result struct {
	Scheduled, Answered, Errors, Late, Dropped int64
	Nodes                                      int
	Statuses                                   map[string]int64
	Times                                      struct{ Response, Service map[string]time.Duration }
}

func (r *result) add(one result) {
	r.Scheduled += one.Scheduled
	r.Answered += one.Answered
	r.Errors += one.Errors
	r.Late += one.Late
	r.Dropped += one.Dropped
	r.Nodes += one.Nodes
	for status, n := range one.Statuses {
		r.Statuses[status] += n
	}
}

// judge joins the runs by make and compares the report with the runs.
func (f fleet) judge(t *testing.T) {
	t.Helper()
	f.make("load-report")
	report := f.read(t, filepath.Join(f.root, "out/load-report", f.name, "run.json"))
	folders, err := filepath.Glob(filepath.Join(f.root, "out/nodes", f.name, "*", "*", "run.json"))
	if err != nil || len(folders) < fleetNodes {
		t.Fatalf("copied results: got %d, %v, want at least %d", len(folders), err, fleetNodes)
	}
	sum := result{Statuses: map[string]int64{}, Times: report.Times}
	for _, each := range folders {
		one := f.read(t, each)
		if want := int64(fleetRate * fleetSeconds); one.Scheduled != want {
			t.Errorf("%s: scheduled %d, want %d", each, one.Scheduled, want)
		}
		if one.Scheduled != one.Answered+one.Errors+one.Late+one.Dropped {
			t.Errorf("%s: %+v does not add up", each, one)
		}
		sum.add(one)
	}
	if diff := cmp.Diff(sum, report); diff != "" || sum.Answered == 0 {
		t.Errorf("joined report (-sum of the runs +report):\n%s", diff)
	}
	response, service := f.records(t, folders)
	if got := int64(len(response)); got != report.Answered {
		t.Errorf("records of %d answers, want %d", got, report.Answered)
	}
	near(t, "response", report.Times.Response, response)
	near(t, "service", report.Times.Service, service)
}

func (f fleet) read(t *testing.T, path string) result {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
