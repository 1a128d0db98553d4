// Package drill breaks a stack under load on purpose and judges what its clients
// noticed.
//
//	steady ──before holds──▶ fault ──over, and whole again──▶ after ──▶ verdict
//	   │                       │
//	   └─ it does not ─────────┴─ refused, or no effect seen ──────▶ inconclusive
//
// The load runs from the first second to the last; nothing waits for it. The steady
// state has two minutes to come, and the drill begins with the seconds in which it
// held. What clients noticed is judged by seconds: a second in which a request failed
// is a failed one. How bad it may get is not typed in. It follows from what the stack
// declares, as the running stack tells it: how targets are checked, how many there are,
// in which zones, and how long a failed primary goes unnoticed (see Bound).
//
// A verdict is pass, fail or inconclusive. Inconclusive says that nothing was shown:
// too few writes were acknowledged before, during or after; the fault had no effect
// that could be seen; the generator itself fell behind.
//
// What undoes a fault is on disk before the fault is injected, and every fault ends by
// itself. So a drill that is killed leaves nothing that Clean, which the next drill
// calls first, does not put right.
package drill
