package console

import (
	"bufio"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"orchard/localcloud/internal/world"
)

func TestAPIAnswers(t *testing.T) {
	t.Parallel()
	source := &drawn{
		status:  world.Status{Stack: "dev"},
		samples: []world.Sample{{Time: 7, Requests: 3}},
		events:  []world.Event{{Number: 1, Kind: "world"}, {Number: 2, Kind: "world"}},
	}
	address := open(t, source)
	long := `{"stack":"` + strings.Repeat("x", maxBody) + `"}`
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // in the answer
	}{
		{"GET", "/api/status", "", 200, `"stack":"dev"`},
		{"GET", "/api/history?stack=dev", "", 200, `"requests":3`},
		{"GET", "/api/history?stack=prod", "", 404, `stack "prod" is not up`},
		{"GET", "/api/events?stack=dev&after=1", "", 200, `[{"number":2,`},
		{"GET", "/api/events?stack=dev&after=2", "", 200, `[]`},
		{"GET", "/api/events?stack=dev&after=x", "", 400, `after is "x"`},
		{"GET", "/api/faults", "", 200, `"name":"zone-down"`},
		{"POST", "/api/faults", `{"stack":"dev","kind":"zone-down","target":"a","seconds":5}`, 201, `"id":"fault-1"`},
		{"POST", "/api/faults", `{"stack":"dev","kind":"zone-down","target":"nobody","seconds":5}`, 422, "there is nobody"},
		{"POST", "/api/faults", `{"stack":"prod","kind":"zone-down","target":"a","seconds":5}`, 404, `stack "prod" is not up`},
		{"POST", "/api/faults", `{"stack":"dev","sort":"zone-down"}`, 400, `unknown field "sort"`},
		{"POST", "/api/faults", `{"stack":`, 400, "cannot be read"},
		{"POST", "/api/faults", long, 400, "too large"},
		{"DELETE", "/api/faults/dev/fault-1", "", 204, ""},
		{"DELETE", "/api/faults/dev/fault-1", "", 422, "there is no fault fault-1"},
		{"DELETE", "/api/faults/prod/fault-1", "", 404, `stack "prod" is not up`},
		{"PUT", "/api/faults", "{}", 405, ""},
	} {
		resp := ask(t, address, c.method, c.path, c.body, nil)
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s %s %.80s: got %d %s, want %d with %q", c.method, c.path, c.body, resp.StatusCode, body, c.status, c.want)
		}
	}
}

func TestViewerIsToldWhatIsNew(t *testing.T) {
	t.Parallel()
	source := &drawn{status: world.Status{Stack: "dev"}, samples: []world.Sample{{Time: 1}}, events: []world.Event{{Number: 1}}}
	a := &api{source: source, reports: reports{ask: source.Report, log: slog.New(slog.DiscardHandler)}}
	v := viewer{stack: "dev"}
	for _, step := range []struct {
		name   string
		change func()
		want   message
	}{
		{"at first all", func() {}, message{Whole: true, Samples: []world.Sample{{Time: 1}}, Events: []world.Event{{Number: 1}}}},
		{"then nothing twice", func() {}, message{}},
		{
			"only what is new",
			func() {
				source.samples = append(source.samples, world.Sample{Time: 2})
				source.events = append(source.events, world.Event{Number: 2})
			},
			message{Samples: []world.Sample{{Time: 2}}, Events: []world.Event{{Number: 2}}},
		},
		{"that the stack has gone", func() { source.down = true }, message{Whole: true}},
		{"nothing of a stack that is not there", func() {}, message{}},
		{
			"all of the one that comes under its name",
			func() {
				source.down, source.samples, source.events = false, []world.Sample{{Time: 9}}, []world.Event{{Number: 1}}
			},
			message{Whole: true, Samples: []world.Sample{{Time: 9}}, Events: []world.Event{{Number: 1}}},
		},
	} {
		source.change(step.change)
		got := a.next(&v)
		got.Report = nil // how often it is asked for is another test's
		if diff := cmp.Diff(step.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

func TestStreamBeginsWithTheReport(t *testing.T) {
	t.Parallel()
	address := open(t, &drawn{status: world.Status{Stack: "dev"}})
	resp := ask(t, address, http.MethodGet, "/api/stream?stack=dev", "", nil)
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("type of a stream: got %q", got)
	}
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &m); err != nil {
		t.Fatalf("first message %q: %v", line, err)
	}
	if !m.Whole || !strings.Contains(string(m.Report), `"stack":"dev"`) {
		t.Errorf("first message: got %s, want a whole one with the report", line)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	address := open(t, &drawn{})
	for range maxViewers {
		if resp := ask(t, address, http.MethodGet, "/api/stream", "", nil); resp.StatusCode != http.StatusOK {
			t.Fatalf("stream: got %d, want 200", resp.StatusCode)
		}
	}
	if resp := ask(t, address, http.MethodGet, "/api/stream", "", nil); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("stream number %d: got %d, want 503", maxViewers+1, resp.StatusCode)
	}
}

// A report that is late, as it is when a database hangs, is asked for once and
// holds nobody up for long.
func TestLateReportHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, slow := 0, time.Duration(0)
		r := reports{log: slog.New(slog.DiscardHandler), ask: func() Report {
			asked++
			n := asked
			time.Sleep(slow)
			return Report{PID: n}
		}}
		see := func(want int, within time.Duration) {
			t.Helper()
			begin := time.Now()
			var got Report
			if err := json.Unmarshal(r.latest(begin), &got); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); got.PID != want || took > within {
				t.Errorf("report at %s: got number %d after %s, want %d within %s", begin, got.PID, took, want, within)
			}
		}
		see(1, 0)
		see(1, 0) // it is fresh
		slow = 3 * time.Second
		time.Sleep(beat)
		see(1, patience)
		see(1, patience)
		time.Sleep(slow)
		see(2, patience)
		synctest.Wait()
		time.Sleep(slow) // for the one that the last look has asked for
		if asked > 3 {
			t.Errorf("reports asked for: got %d, want at most 3", asked)
		}
	})
}
