package probe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/machine/probe"
)

func rich(probes int, grace time.Duration) probe.Probe {
	return probe.Probe{
		Scheme: "http", Path: "/livez", Port: 8080, Interval: 5 * time.Second, Timeout: 2 * time.Second,
		Probes: probes, Grace: grace, Accept: "200-299",
		BodyField: "ApplicationHealthState", BodyHealthy: "Healthy", BodyUnhealthy: "Unhealthy",
	}
}

func binary(probes int) probe.Probe {
	p := rich(probes, 0)
	p.Accept, p.BodyField, p.BodyHealthy, p.BodyUnhealthy = "200", "", "", ""
	return p
}

// letters are the states in the tables below; "-" is none.
var letters = map[probe.State]string{
	"": "-", probe.Initializing: "I", probe.Healthy: "H", probe.Unhealthy: "U", probe.Unknown: "?",
}

func state(letter string) probe.State {
	for s, l := range letters {
		if l == letter {
			return s
		}
	}
	panic("no state " + letter)
}

func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		probe   probe.Probe
		results string // one each interval, the first at once
		want    string // the state before any result, and after each
	}{
		{"one healthy answer suffices by default", rich(1, 0), "H", "IH"},
		{"one unhealthy answer too", rich(1, 0), "U", "IU"},
		{"default grace is interval times probes", rich(1, 0), "??", "II?"},
		{"three equal answers end initializing", rich(3, 10*time.Minute), "HHUHHH", "IIIIIIH"},
		{"three unhealthy answers do too", rich(3, 10*time.Minute), "HUUU", "IIIIU"},
		{"no valid answer does not", rich(3, 10*time.Minute), "??????", "IIIIIII"},
		{"grace over without an answer is unknown", rich(2, 15*time.Second), "????", "IIII?"},
		{"grace over with too few answers is unknown", rich(3, 10*time.Second), "?HH", "III?"},
		{"and counts as one unknown result", rich(2, 10*time.Second), "??HHH", "III??H"},
		{"initializing never comes back", rich(1, time.Minute), "?H?H", "IIH?H"},
		{"healthy stays until three others in a row", rich(3, 10*time.Minute), "HHHUU?UUU", "IIIHHHHHHU"},
		{"unknown needs three as well", rich(3, 10*time.Minute), "HHH??H???", "IIIHHHHHH?"},
		{"unknown ends by three healthy answers", rich(3, 5*time.Second), "??HHH", "II???H"},
		{"binary has no initial state, its first result counts", binary(3), "U", "-U"},
		{"binary stays until three others in a row", binary(3), "HUUHUUU", "-HHHHHHU"},
		{"binary recovers", binary(2), "UHUHH", "-UUUUH"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.probe.Check(); err != nil {
				t.Fatal(err)
			}
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			progress := tt.probe.Begin(now)
			got := letters[progress.State]
			for result := range strings.SplitSeq(tt.results, "") {
				progress = tt.probe.Next(progress, probe.Result{State: state(result)}, now)
				got += letters[progress.State]
				now = now.Add(tt.probe.Interval)
			}
			if got != tt.want {
				t.Errorf("states after results %s: got %s, want %s", tt.results, got, tt.want)
			}
		})
	}
}

func TestReportKeepsWhenAndWhyTheStateBegan(t *testing.T) {
	t.Parallel()
	p, start := rich(1, time.Minute), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	g := p.Next(p.Begin(start), probe.Result{State: probe.Unhealthy, Detail: "first"}, start.Add(time.Second))
	g = p.Next(g, probe.Result{State: probe.Unhealthy, Detail: "second"}, start.Add(6*time.Second))
	want := probe.Health{State: probe.Unhealthy, Since: start.Add(time.Second), Detail: "first", Every: 5 * time.Second}
	if diff := cmp.Diff(want, g.Health); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h := probe.Health{Every: 5 * time.Second, Reported: at}
	for age, want := range map[time.Duration]bool{0: true, 15 * time.Second: true, 16 * time.Second: false} {
		if got := h.Fresh(at.Add(age)); got != want {
			t.Errorf("fresh %s after a report every 5 s: got %t, want %t", age, got, want)
		}
	}
	if (probe.Health{Every: 5 * time.Second}).Fresh(at) {
		t.Error("fresh without any report: got true")
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := probe.Probe{
		Scheme: "tcp", Path: "livez", Port: 0, Interval: time.Second, Timeout: 2 * time.Second,
		Grace: time.Minute, Accept: "ok",
	}
	err := p.Check()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{`"tcp"`, `use "http"`, `"livez"`, "port 0", "timeout 2s", "probes 0", "rule for the body", `"ok"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %s", err, want)
		}
	}
	same := rich(1, 0)
	same.BodyUnhealthy = same.BodyHealthy
	if err := same.Check(); err == nil {
		t.Error("the same value for healthy and unhealthy: accepted")
	}
}
