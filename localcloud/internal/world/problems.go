package world

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Problem is something that the program has not declared, or has declared
// wrongly, and that keeps the stack from working.
type Problem struct {
	Path     string   `json:"path"`            // "clients to balancer public", "group app to database orchard", …
	Zones    []string `json:"zones,omitempty"` // of the instances, or of the balancer's nodes; none is all
	Sentence string   `json:"sentence"`        // names the rule, route or right that is missing
}

// refusedFor is how long it is told that the cloud has refused something. What
// is still missing is asked for again before that.
const refusedFor = 5 * time.Minute

// problems are those of all paths, and what the cloud has lately refused to a
// group's instances. Callers hold the lock.
func (w *World) problems(now time.Time) []Problem {
	out := []Problem{}
	for _, id := range slices.Sorted(maps.Keys(w.declared.Balancers)) {
		b := w.declared.Balancers[id]
		out = append(out, problemsOf(b.Blocked, func(Path) string { return "clients to balancer " + b.Name })...)
	}
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		out = append(out, w.groupProblems(w.declared.Groups[id], now)...)
	}
	return out
}

func (w *World) groupProblems(g Group, now time.Time) []Problem {
	out := problemsOf(g.BlockedFrom, func(p Path) string { return w.source(p.End) + " to group " + g.Name })
	for _, p := range problemsOf(g.BlockedChecks, func(p Path) string { return "health check of " + w.source(p.End) + " to group " + g.Name }) {
		if !slices.ContainsFunc(out, p.says) {
			out = append(out, p)
		}
	}
	out = append(out, problemsOf(g.Blocked, func(p Path) string { return "group " + g.Name + " to " + w.destination(p.End) })...)
	last := w.actual.refused[g.ID]
	refused := Problem{Path: "group " + g.Name + " to its cloud", Sentence: last.why}
	if now.Sub(last.at) < refusedFor && !slices.ContainsFunc(out, refused.says) {
		out = append(out, refused)
	}
	return out
}

// says says whether another problem is told in the same words.
func (p Problem) says(other Problem) bool { return p.Sentence == other.Sentence }

// source names the balancer that leads to a pool. One of layer 4 passes on the
// packets of its clients, and rules judge these.
func (w *World) source(pool string) string {
	for _, id := range slices.Sorted(maps.Keys(w.declared.Balancers)) {
		b := w.declared.Balancers[id]
		if !slices.ContainsFunc(b.Listeners, func(l Listener) bool { return l.Pool == pool }) {
			continue
		}
		if b.Layer == 4 {
			return "clients through balancer " + b.Name
		}
		return "balancer " + b.Name
	}
	return "balancer of pool " + pool
}

func (w *World) destination(end string) string {
	switch db, ok := w.declared.Databases[end]; {
	case ok:
		return "database " + db.Name
	case end == DestInternet:
		return "the internet"
	case end == DestObjects:
		return "the object store"
	case end == DestSecrets:
		return "the secret store"
	}
	return "database " + end // which is declared and not complete yet
}

// problemsOf tells of each path once what is told of it in several zones.
func problemsOf(blocks Blocks, name func(Path) string) []Problem {
	type told struct{ path, sentence string }
	zones := map[told][]string{}
	for path, block := range blocks {
		key := told{name(path), block.Why}
		zones[key] = append(zones[key], path.Zone)
	}
	var out []Problem
	for key, in := range zones {
		slices.Sort(in)
		in = slices.Compact(in)
		if in[0] == "" {
			in = nil
		}
		out = append(out, Problem{Path: key.path, Zones: in, Sentence: key.sentence})
	}
	slices.SortFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Sentence, b.Sentence))
	})
	return out
}
