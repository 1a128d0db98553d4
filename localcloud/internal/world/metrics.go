package world

import (
	"context"
	"maps"
	"slices"
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/scaling"
)

// keptReadings is how many periods are remembered: at a minute each, half a
// day, which is the longest that a rule may look back.
const keptReadings = 720

// metrics are what the instances and pools of a world have shown. They are not
// on disk: a daemon that comes back has missing data, as a cloud has after an
// outage of its monitoring.
type metrics struct {
	measured time.Time                // when the sums were taken
	cpu      map[string]time.Duration // by instance, since its start
	requests map[string]uint64        // by pool, since its start
	readings map[string][]reading     // by group, the latest at the end
}

// reading is what one group showed in one period.
type reading struct {
	end      time.Time
	cpu      []float64 // per cent of one core, of each instance in service
	warm     []float64 // of those that do not warm up
	requests float64   // per target and minute, of the group's first pool
	known    bool      // whether there was a pool to count them
}

// watchMetrics measures once a period, and follows policies and rules.
func (w *World) watchMetrics(ctx context.Context) {
	look := w.Scaled(scaling.DefaultPeriod) / 2
	for {
		next, ok := nextPeriod(ctx, look)
		if !ok {
			return
		}
		if next.Truncate(2 * look).Equal(next) {
			w.measure(next)
		}
		w.scale(next)
	}
}

// measure ends a period.
func (w *World) measure(end time.Time) {
	w.mu.Lock()
	var records []machine.Record
	for id, i := range w.state.Instances {
		if i.Process != nil && !w.gone(id) {
			records = append(records, *i.Process)
		}
	}
	w.mu.Unlock()
	cpu, err := machine.Usages(records)
	if err != nil {
		w.log.Error("cannot measure instances", "error", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	m := &w.actual.metrics
	elapsed := now.Sub(m.measured)
	percents := machine.Percents(m.cpu, cpu, elapsed)
	counted := w.countRequests()
	for _, id := range slices.Collect(maps.Keys(w.declared.Groups)) {
		g := w.declared.Groups[id]
		r := w.readGroup(g, percents, now)
		r.end = end
		r.requests, r.known = w.requestsPerTarget(g, counted, elapsed)
		kept := append(m.readings[id], r)
		m.readings[id] = kept[max(0, len(kept)-keptReadings):]
	}
	maps.DeleteFunc(m.readings, func(id string, _ []reading) bool { _, declared := w.declared.Groups[id]; return !declared })
	m.measured, m.cpu, m.requests = now, cpu, counted
}

// readGroup collects the processor use of a group's instances.
func (w *World) readGroup(g Group, percents map[string]float64, now time.Time) reading {
	var r reading
	for _, i := range w.instancesOf(g.ID) {
		percent, known := percents[i.ID]
		if !known || i.State != InService {
			continue
		}
		r.cpu = append(r.cpu, percent)
		if !w.warming(g, i, now) {
			r.warm = append(r.warm, percent)
		}
	}
	return r
}

func (w *World) countRequests() map[string]uint64 {
	counted := map[string]uint64{}
	for id, p := range w.actual.pools {
		counted[id] = p.pool.Status().Total.Requests
	}
	return counted
}

// requestsPerTarget is the load of a group's first pool. A minute of it is as
// long as the time scale makes it, and the rate is the real one.
func (w *World) requestsPerTarget(g Group, counted map[string]uint64, elapsed time.Duration) (perMinute float64, known bool) {
	if len(g.Pools) == 0 || elapsed <= 0 {
		return 0, false
	}
	pool := g.Pools[0]
	before, had := w.actual.metrics.requests[pool]
	after, has := counted[pool]
	if !had || !has || after < before {
		return 0, false
	}
	targets := 0
	for _, i := range w.state.Instances {
		if i.State == InService && i.Health[pool] == health.Healthy {
			targets++
		}
	}
	if targets == 0 {
		return 0, false
	}
	return float64(after-before) / elapsed.Minutes() / float64(targets), true
}

// warming says whether an instance's share of the load does not count yet.
func (w *World) warming(g Group, i *Instance, now time.Time) bool {
	return i.State == Pending || i.State == Waiting || i.State == InService && now.Before(i.InService.Add(w.Scaled(g.Warmup)))
}
