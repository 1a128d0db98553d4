package world

import (
	"context"
	"slices"
	"sync"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/postgres"
)

// Sample is what a world showed in one second. Rates are per second and over
// all its listeners: of requests at layer 7, of connections at layer 4.
type Sample struct {
	Time     int64   `json:"time"` // the end of the second, Unix
	Requests float64 `json:"requests"`
	// Errors are 5xx answers, whoever gave them; at layer 4 connections that
	// were reset because no target took them.
	Errors   float64 `json:"errors"`
	InFlight int64   `json:"inFlight"` // requests without a complete answer; at layer 4 open connections
	// P50 and P99 are response times in milliseconds, estimated within powers
	// of two; 0 where no target answered.
	P50       float64  `json:"p50,omitzero"`
	P99       float64  `json:"p99,omitzero"`
	Desired   int      `json:"desired"`
	Healthy   int      `json:"healthy"`
	InService int      `json:"inService"`
	CPU       *float64 `json:"cpu,omitempty"` // per cent of one core, average of the latest period; nil before there was one
	// Zones are the parts of Healthy, by the zone's name; 0 where there is none.
	Zones     map[string]int   `json:"zones,omitempty"`
	Databases []DatabaseSample `json:"databases,omitempty"` // by name
}

// keptSamples is how many seconds are remembered: 15 minutes.
const keptSamples = 900

// history is what a world showed lately. It is not on disk, and nothing is
// decided by it.
type history struct {
	mu      sync.Mutex
	samples []Sample // the latest at the end
	lags    lags     // of standbys, as they were last asked
}

func (h *history) add(s Sample) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.samples = append(h.samples, s)
	if len(h.samples) > 2*keptSamples {
		h.samples = slices.Clone(h.samples[keptSamples:])
	}
}

// History are the samples of the latest 15 minutes that are later than the
// given Unix time, 0 for all of them. A second in which no daemon ran has none.
func (w *World) History(after int64) []Sample {
	w.past.mu.Lock()
	defer w.past.mu.Unlock()
	kept := w.past.samples[max(0, len(w.past.samples)-keptSamples):]
	first, _ := slices.BinarySearchFunc(kept, after+1, func(s Sample, t int64) int { return int(s.Time - t) })
	return slices.Clone(kept[first:])
}

// record takes a sample each second, aligned to the clock.
func (w *World) record(ctx context.Context) {
	var before traffic
	for {
		next, ok := nextPeriod(ctx, time.Second)
		if !ok {
			return
		}
		sample, asked := w.sizes()
		now := readTraffic(next, asked.doors, asked.pools)
		sample.Time = next.Unix()
		now.since(before, &sample)
		sample.Databases = readDatabases(asked.pairs, w.past.lagsAt(next))
		w.past.add(sample)
		before = now
	}
}

// asked is whom a sample asks without the world's lock.
type asked struct {
	doors []door
	pools []*balancer.Pool
	pairs map[string]*postgres.Pair // by the database's name
}

// sizes is the part of a sample that the world knows by itself, and whom to ask
// for the rest.
func (w *World) sizes() (s Sample, from asked) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var cpu []float64
	s.Zones = w.healthyByZone()
	for id := range w.declared.Groups {
		s.Desired += w.state.Desired[id]
		if load := w.loadStatus(id); load != nil {
			cpu = append(cpu, load.CPU)
		}
	}
	for _, healthy := range s.Zones {
		s.Healthy += healthy
	}
	if len(cpu) > 0 {
		average := mean(cpu)
		s.CPU = &average
	}
	for _, i := range w.state.Instances {
		if i.State == InService {
			s.InService++
		}
	}
	return s, w.asked()
}

// healthyByZone counts the healthy instances of every zone.
func (w *World) healthyByZone() map[string]int {
	zones := map[string]int{}
	for _, name := range w.declared.Zones {
		zones[name] = 0
	}
	for id, g := range w.declared.Groups {
		for _, i := range w.instancesOf(id) {
			if w.healthy(g, i) {
				zones[i.Zone]++
			}
		}
	}
	return zones
}

func (w *World) asked() asked {
	from := asked{pairs: map[string]*postgres.Pair{}}
	for _, l := range w.actual.listeners {
		if l.door != nil {
			from.doors = append(from.doors, l.door)
		}
	}
	for _, p := range w.actual.pools {
		from.pools = append(from.pools, p.pool)
	}
	for id, db := range w.actual.databases {
		if declared, ok := w.declared.Databases[id]; ok {
			from.pairs[declared.Name] = db.pair
		}
	}
	return from
}
