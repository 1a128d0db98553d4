// Package health decides what check results mean: the state of a target
// behind a load balancer, which status codes pass, and whether a scaling
// group must replace an instance.
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
//
// What surprises: a target that was just registered needs fewer passes than
// one that has failed (one, on the clouds that are modelled), and a target
// that fails before it ever passed becomes Unhealthy like any other, so that
// from then on the full count of passes is asked of it.
//
// Left out: holding a flapping target down for longer, which one cloud does
// for a time that it does not document.
package health
