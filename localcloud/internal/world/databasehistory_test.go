package world

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/postgres"
)

func TestServersArePlacedByRole(t *testing.T) {
	t.Parallel()
	servers := []postgres.Server{{Name: "a", Zone: "z-1"}, {Name: "b", Zone: "z-2"}}
	for _, c := range []struct {
		name           string
		state          postgres.State
		serves, follow bool
		want           DatabaseSample
	}{
		{"before a failover", postgres.State{Primary: "a", Synced: true, Servers: servers}, true, true, DatabaseSample{Primary: "z-1", Standby: "z-2", Synced: true}},
		{"behind", postgres.State{Primary: "a", Servers: servers}, true, true, DatabaseSample{Primary: "z-1", Standby: "z-2"}},
		{"primary down", postgres.State{Primary: "a", Synced: true, Servers: servers}, false, true, DatabaseSample{Standby: "z-2", Synced: true}},
		{"after a failover", postgres.State{Primary: "b", Servers: servers}, true, false, DatabaseSample{Primary: "z-2"}},
		{"single", postgres.State{Primary: "a", Servers: servers[:1]}, true, false, DatabaseSample{Primary: "z-1"}},
		{"none yet", postgres.State{}, false, false, DatabaseSample{}},
	} {
		got := placeServers(c.state, c.serves, c.follow)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestLagHoldsForAWhile(t *testing.T) {
	t.Parallel()
	at, behind := time.Unix(100, 0), 1.5
	var h history
	h.hear(lagsOf([]DatabaseStatus{
		{Name: "fruit", Servers: []ServerStatus{{Role: "primary"}, {Role: "standby", Sync: "sync", Lag: &behind}}},
		{Name: "alone", Servers: []ServerStatus{{Role: "primary"}}},
	}, at))
	for after, want := range map[time.Duration]lags{
		0:            {"fruit": {at, behind}},
		lagHolds:     {"fruit": {at, behind}},
		lagHolds + 1: {},
	} {
		if diff := cmp.Diff(want, h.lagsAt(at.Add(after)), cmp.AllowUnexported(lag{})); diff != "" {
			t.Errorf("lags %s after they were heard (-want +got):\n%s", after, diff)
		}
	}
	h.hear(lags{})
	if got := h.lagsAt(at); len(got) != 0 {
		t.Errorf("lags after a look that heard none: got %v", got)
	}
}
