package drill

import (
	"fmt"
	"math"
	"slices"
	"time"

	"orchard/loadrunner/internal/drill/control"
)

// Rule is something that a cloud does by its own documented rules.
type Rule string

// The rules that a drill may name for a cloud.
const (
	// OpenConnectionsStay: a balancer that passes connections on leaves those that
	// are open to a target that fails its checks, until the client closes them.
	OpenConnectionsStay Rule = "open-connections-stay"
	// NoDrain: a balancer does not wait for the requests to a target that it loses.
	NoDrain Rule = "no-drain"
	// NotRepaired: an instance that hangs is left alone.
	NotRepaired Rule = "not-repaired"
	// NotRebalanced: a zone that launches failed in gets its instances back at the
	// next scaling only.
	NotRebalanced Rule = "not-rebalanced"
	// NoticeUnanswered: an instance that is to be deleted has minutes to agree to its
	// end, and one that never came to serve does not agree.
	NoticeUnanswered Rule = "notice-unanswered"
)

// Rules are all of them.
var Rules = []Rule{OpenConnectionsStay, NoDrain, NotRepaired, NotRebalanced, NoticeUnanswered}

// Hit is a fault with what it hits.
type Hit struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
}

// Bound is how bad it may get.
type Bound struct {
	Failed int           `json:"failed"` // requests
	Gap    time.Duration `json:"gap_ns"` // failed seconds one after another
	// WriteGap is how long no write may be acknowledged.
	WriteGap time.Duration `json:"write_gap_ns"`
	Why      []string      `json:"why"` // the arithmetic
}

// Margins beside what is declared: a second, because seconds are judged, and three
// for a standby to be promoted and clients to find it.
const (
	second    = time.Second
	promotion = 3 * time.Second
)

// Sent is the load as bounds see it.
type Sent struct {
	Rate           float64 // requests/s
	Connections    int     // as many requests may be in flight
	ConnectionLife time.Duration
}

// Bounds returns what hits may cost in a world that was whole before, where
//
//	D = interval × threshold + timeout        until a dead target is found dead
//	failed ≤ rate × D × share + in flight     share: of the targets that are hit
//	gap    ≤ D + 1 s
//	writes again ≤ detection + 3 s            where a database server is hit
//
// Without a hit that takes targets or servers away, nothing may fail.
func Bounds(w control.World, hits []Hit, rules []Rule, s Sent) Bound {
	b := Bound{Gap: second, WriteGap: second}
	d := detection(w)
	if slices.Contains(rules, OpenConnectionsStay) {
		d += s.ConnectionLife
		b.note("D is longer by a connection's life of %v: open connections stay", s.ConnectionLife)
	}
	for _, h := range hits {
		b.targets(h, share(w, h), d, s)
		b.databases(w, h, s)
	}
	if slices.Contains(rules, NoDrain) {
		b.Failed += s.Connections
		b.Gap = max(b.Gap, d+second)
		b.WriteGap = max(b.WriteGap, d+second)
		b.note("a request in flight on each of %d connections: no drain", s.Connections)
	}
	if len(b.Why) == 0 {
		b.note("no target and no server is lost: nothing may fail")
	}
	return b
}

func (b *Bound) note(format string, args ...any) { b.Why = append(b.Why, fmt.Sprintf(format, args...)) }

// targets adds what it costs that a share of the targets is lost.
func (b *Bound) targets(h Hit, share float64, d time.Duration, s Sent) {
	if share == 0 {
		return
	}
	b.Failed += int(math.Ceil(s.Rate*d.Seconds()*share)) + s.Connections
	b.Gap = max(b.Gap, d+second)
	b.WriteGap = max(b.WriteGap, d+second)
	b.note("%s: failed ≤ %g/s × D of %v × %.2f of the targets + %d in flight; gap ≤ D + %v", h.Kind, s.Rate, d, share, s.Connections, second)
}

// databases adds what it costs that a server is lost.
func (b *Bound) databases(w control.World, h Hit, s Sent) {
	for _, db := range w.Databases {
		if !hitsDatabase(h, db) {
			continue
		}
		again := db.Detection + promotion
		b.Failed += int(math.Ceil(s.Rate*again.Seconds())) + s.Connections
		b.Gap = max(b.Gap, again)
		if share(w, h) == 0 {
			b.WriteGap = again
		}
		b.note("%s: writes again ≤ detection of %v + %v; until then all may fail", h.Kind, db.Detection, promotion)
	}
}

// detection is the longest time until a balancer has found a target dead.
func detection(w control.World) (longest time.Duration) {
	for _, b := range w.Balancers {
		longest = max(longest, b.Check.Interval*time.Duration(b.Check.Threshold)+b.Check.Timeout)
	}
	return longest
}

// share is the part of the targets that a hit takes away.
func share(w control.World, h Hit) float64 {
	lost, all := 0, 0
	for _, i := range w.Instances {
		if !i.Serves() {
			continue
		}
		all++
		switch h.Kind {
		case "instance-kill", "instance-hang":
			if i.ID == h.Target {
				lost++
			}
		case "zone-down", "zone-hang", "port-blocked":
			if i.Zone == h.Target {
				lost++
			}
		}
	}
	return float64(lost) / float64(max(all, 1))
}

// hitsDatabase says whether a hit takes a server of the database away.
func hitsDatabase(h Hit, db control.Database) bool {
	switch h.Kind {
	case "database-primary-kill", "database-standby-kill", "database-failover":
		return h.Target == db.Name
	case "zone-down", "zone-hang":
		return slices.ContainsFunc(db.Servers, func(s control.Server) bool { return s.Zone == h.Target })
	}
	return false
}

// rules are those that the drill names for a cloud.
func (f File) rules(cloud string) []Rule {
	var out []Rule
	for _, e := range f.Expect[cloud] {
		out = append(out, e.Rule)
	}
	return out
}
