package drill

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"orchard/loadrunner/internal/drill/control"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	sent := Sent{Rate: 300, Connections: 60, ConnectionLife: 2 * time.Second}
	for name, c := range map[string]struct {
		world control.World
		hits  []Hit
		rules []Rule
		want  Bound
	}{
		"nothing is lost":                {sample(), nil, nil, Bound{Failed: 0, Gap: time.Second, WriteGap: time.Second}},
		"launches fail":                  {sample(), []Hit{{"launch-failures", "c"}}, nil, Bound{Failed: 0, Gap: time.Second, WriteGap: time.Second}},
		"an instance of three":           {sample(), []Hit{{"instance-kill", "i-c"}}, nil, Bound{Failed: 1260, Gap: 13 * time.Second, WriteGap: 13 * time.Second}},
		"the zone of a third":            {sample(), []Hit{{"zone-hang", "c"}}, nil, Bound{Failed: 1260, Gap: 13 * time.Second, WriteGap: 13 * time.Second}},
		"open connections stay":          {sample(), []Hit{{"instance-hang", "i-c"}}, []Rule{OpenConnectionsStay}, Bound{Failed: 1460, Gap: 15 * time.Second, WriteGap: 15 * time.Second}},
		"the primary":                    {sample(), []Hit{{"database-primary-kill", "fruit"}}, nil, Bound{Failed: 1560, Gap: 5 * time.Second, WriteGap: 5 * time.Second}},
		"the zone with the primary":      {sample(), []Hit{{"zone-down", "a"}}, nil, Bound{Failed: 1260 + 1560, Gap: 13 * time.Second, WriteGap: 13 * time.Second}},
		"no drain":                       {sample(), nil, []Rule{NoDrain}, Bound{Failed: 60, Gap: 13 * time.Second, WriteGap: 13 * time.Second}},
		"the only zone, with everything": {oneZone(), []Hit{{"zone-down", "a"}}, nil, Bound{Failed: 3660 + 1560, Gap: 13 * time.Second, WriteGap: 13 * time.Second}},
	} {
		got := Bounds(c.world, c.hits, c.rules, sent)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Bound{}, "Why")); diff != "" {
			t.Errorf("Bounds, %s (-want +got):\n%s", name, diff)
		}
		if len(got.Why) == 0 {
			t.Errorf("Bounds, %s: got no arithmetic", name)
		}
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		selector, failed string
		world            control.World
		want             string // empty: an error
	}{
		{"an instance", "", sample(), "i-c"},
		{"an instance in the failed zone", "b", sample(), "i-b"},
		{"the zone with the primary", "", sample(), "a"},
		{"the zone with the standby", "", sample(), "b"},
		{"a zone without the database", "", sample(), "c"},
		{"a zone without the database", "", oneZone(), "a"},
		{"the zone with the standby", "", oneZone(), ""},
		{"the database", "", sample(), "fruit"},
		{"the database", "", control.World{}, ""},
	} {
		got, err := Select(c.selector, c.world, c.failed)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("Select(%q, failed %q): got %q, %v, want %q", c.selector, c.failed, got, err, c.want)
		}
	}
}
