package world

import (
	"math"
	"time"

	"orchard/localcloud/internal/balancer"
)

// traffic is what listeners and pools have counted since each began.
type traffic struct {
	at       time.Time
	inFlight int64
	doors    map[door]counted
	pools    map[*balancer.Pool]counted
}

// counted is what one of them has.
type counted struct {
	requests, errors uint64
	times            balancer.Histogram
}

func readTraffic(at time.Time, doors []door, pools []*balancer.Pool) traffic {
	t := traffic{at: at, doors: map[door]counted{}, pools: map[*balancer.Pool]counted{}}
	for _, d := range doors {
		switch d := d.(type) {
		case *balancer.Listener:
			s := d.Status()
			t.inFlight += s.InFlight
			t.doors[d] = counted{requests: s.Requests, errors: ownErrors(s), times: s.Times}
		case *balancer.FlowListener:
			s := d.Status()
			t.inFlight += s.Open
			t.doors[d] = counted{requests: s.Flows + s.Refused + s.Failed, errors: s.Refused + s.Failed}
		}
	}
	for _, p := range pools {
		t.pools[p] = counted{errors: p.Status().Total.Status[5]}
	}
	return t
}

// ownErrors are the 5xx that the balancer answered itself.
func ownErrors(s balancer.ListenerStatus) uint64 {
	var n uint64
	for status, count := range s.Own {
		if status >= 500 {
			n += count
		}
	}
	return n
}

// since fills a sample in with what has been counted since an earlier look. One
// that was not there then had counted nothing; at the very first look there is
// nothing to compare with.
func (t traffic) since(before traffic, s *Sample) {
	s.InFlight = t.inFlight
	seconds := t.at.Sub(before.at).Seconds()
	if before.at.IsZero() || seconds <= 0 {
		return
	}
	var requests, errors uint64
	var times balancer.Histogram
	for d, now := range t.doors {
		was := before.doors[d]
		requests += now.requests - was.requests
		errors += now.errors - was.errors
		for i := range times {
			times[i] += now.times[i] - was.times[i]
		}
	}
	for p, now := range t.pools {
		errors += now.errors - before.pools[p].errors
	}
	s.Requests, s.Errors = float64(requests)/seconds, float64(errors)/seconds
	s.P50, s.P99 = quantile(times, 0.5), quantile(times, 0.99)
}

// quantile estimates a quantile of response times in milliseconds: inside the
// power of two that it falls into, times are taken to be spread evenly on a
// logarithmic scale. 0 of an empty histogram.
func quantile(h balancer.Histogram, q float64) float64 {
	var total uint64
	for _, n := range h {
		total += n
	}
	rank, below := q*float64(total), 0.0
	for i, n := range h {
		if n > 0 && below+float64(n) >= rank {
			inside := (rank - below) / float64(n)
			return math.Exp2(float64(i)-1+inside) / 1000
		}
		below += float64(n)
	}
	return 0
}
