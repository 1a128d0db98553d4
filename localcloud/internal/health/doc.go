// Package health decides what check results mean: the state of a target
// behind a load balancer, which status codes pass, whether a scaling group
// must replace an instance, and how many it replaces at a time.
//
// Everything here is a pure function of its arguments; nothing sleeps, asks
// a clock or opens a connection. Package balancer makes the checks and feeds
// their results in.
//
//	             InitialSuccesses passes
//	Initial ───────────────────────────────▶ Healthy
//	   │                                      │   ▲
//	   │ Unhealthy failures in a row          │   │ Healthy passes in a row
//	   └──────────────▶ Unhealthy ◀───────────┘   │
//	                        └─────────────────────┘
//	any ── Deregister ──▶ Draining ── Release ──▶ Unused ── Register ──▶ Initial
//	any ── Silent ──▶ Missing ── results as for Unhealthy
//
// What surprises: a target that was just registered needs fewer passes than
// one that has failed (one, on the clouds that are modelled), and a target
// that fails before it ever passed becomes Unhealthy like any other, so that
// from then on the full count of passes is asked of it. An instance that is
// checked from inside and says nothing is Missing, and not replaced for it:
// only what it says can make it Unhealthy. An answer that says neither yes
// nor no is a failed check like any other; where a cloud calls such an
// instance unknown, it treats it as unhealthy too.
//
// Left out: holding a flapping target down for longer, which one cloud does
// for a time that it does not document.
package health
