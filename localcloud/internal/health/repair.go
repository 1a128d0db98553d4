package health

import (
	"cmp"
	"slices"
	"time"
)

// Limits bound the replacement of a group's unhealthy instances.
type Limits struct {
	// Share is how many per cent of the group may be under repair at a time.
	// One instance always may.
	Share int
	// Tries is how many repairs in a row may not help; then they are
	// suspended. 0 never suspends them.
	Tries int
}

// Candidate is an instance that Replace would have replaced.
type Candidate struct {
	ID    string
	Since time.Time // when it became so
}

// Repair says which of the candidates to replace now, those first that have
// waited longest, and whether repairs are suspended.
//
// Under way are repairs whose new instance is not in service yet; total is
// the number of instances in the group. Failed in a row are the repairs whose
// new instance became a candidate itself without ever having been healthy;
// one that is healthy sets the count back to 0, and so does a person who has
// removed the cause.
//
// Source: Azure virtual machine scale sets, automatic instance repairs: at
// most 5 % of the instances at a time, one at a time where that is less than
// one (below 20), suspended if replacements stay unhealthy. After how many is
// not documented; Tries is the caller's choice.
func Repair(l Limits, candidates []Candidate, underWay, total, failedInARow int) (ids []string, suspended bool) {
	if l.Tries > 0 && failedInARow >= l.Tries {
		return nil, true
	}
	free := max(1, total*l.Share/100) - underWay
	if free <= 0 {
		return nil, false
	}
	waiting := slices.SortedFunc(slices.Values(candidates), func(a, b Candidate) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range waiting[:min(free, len(waiting))] {
		ids = append(ids, c.ID)
	}
	return ids, false
}
