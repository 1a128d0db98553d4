package scenario

import "time"

// FlapWindow is how soon after a change of the desired count a change the
// other way is a flap.
const FlapWindow = 30 * time.Minute

// reverses says whether a change, in a direction of 1 or -1, is a flap after
// the change before it. The flap score of a run is the number of its flaps in
// all groups: what a group gains and gives back, or gives back and must get
// again, within the window. A group that follows the load out and, later, in
// has a score of 0. It makes of "it thrashes" a number that two runs can be
// compared by, which is the idea of the allocation simulator of CockroachDB;
// the definition is our own.
func reverses(before int, at time.Time, now int, when time.Time) bool {
	return before == -now && when.Sub(at) <= FlapWindow
}
