package world

import (
	"maps"
	"slices"
	"time"

	"orchard/localcloud/internal/postgres"
)

// DatabaseSample is where the servers of a database were in one second.
type DatabaseSample struct {
	Name string `json:"name"`
	// Primary is the zone of the server that clients are led to; empty while
	// they are led to none. One that hangs is still led to until that is
	// detected.
	Primary string `json:"primary,omitempty"`
	// Standby is the zone of the other server; empty while none runs.
	Standby string `json:"standby,omitempty"`
	Synced  bool   `json:"synced,omitempty"` // the standby holds every acknowledged commit
	// Lag is that of the standby, as ServerStatus has it. The primary has to be
	// asked for it, which only Status does: nil while nobody looks, too.
	Lag *float64 `json:"lag,omitempty"`
}

// readDatabases asks the pairs, by their names, for what they know without
// asking a server.
func readDatabases(pairs map[string]*postgres.Pair, known lags) []DatabaseSample {
	var out []DatabaseSample
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		state := pairs[name].State()
		standby, exists := state.Standby()
		_, _, err := pairs[name].Primary()
		sample := placeServers(state, err == nil, exists && standby.Process.Alive())
		sample.Name = name
		if l, ok := known[name]; ok {
			sample.Lag = &l.milliseconds
		}
		out = append(out, sample)
	}
	return out
}

// placeServers says in which zones the servers of a pair have their roles.
func placeServers(state postgres.State, primaryServes, standbyRuns bool) DatabaseSample {
	var s DatabaseSample
	for _, server := range state.Servers {
		switch {
		case server.Name == state.Primary && primaryServes:
			s.Primary = server.Zone
		case server.Name != state.Primary && standbyRuns:
			s.Standby, s.Synced = server.Zone, state.Synced
		}
	}
	return s
}

// lagHolds is how long a lag is taken for that of now.
const lagHolds = 3 * time.Second

// lags are those of standbys, by the database's name.
type lags map[string]lag

type lag struct {
	heard        time.Time
	milliseconds float64
}

// lagsOf are those that servers were heard of.
func lagsOf(databases []DatabaseStatus, now time.Time) lags {
	heard := lags{}
	for _, d := range databases {
		for _, s := range d.Servers {
			if s.Lag != nil {
				heard[d.Name] = lag{now, *s.Lag}
			}
		}
	}
	return heard
}

func (h *history) hear(heard lags) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lags = heard
}

// lagsAt are the lags that hold at a time.
func (h *history) lagsAt(now time.Time) lags {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := maps.Clone(h.lags)
	maps.DeleteFunc(known, func(_ string, l lag) bool { return now.Sub(l.heard) > lagHolds })
	return known
}
