// Package probe decides what an instance's own health check says of it. The
// check runs inside: init asks the service at the instance's own address,
// which is what localhost is on a real machine.
//
// A probe that reads the body tells four states apart:
//
//	               Probes times healthy, or Probes times unhealthy
//	Initializing ──────────────────────────────────────────────────▶ Healthy, Unhealthy
//	      └────────── Grace is over ──────▶ Unknown
//	Healthy, Unhealthy, Unknown ── Probes times another result ──▶ that state
//
// A probe without a rule for the body knows Healthy and Unhealthy only; it has
// no initial state, and its first result counts at once.
//
// What surprises: Unknown is not the lack of a report. It is the report that
// the service gave no valid answer, and it is as bad as Unhealthy. A machine
// that hangs does not report at all: whoever reads must look how old the last
// report is, see Health.Fresh. The end of the grace is noticed by the next
// result, whatever that is.
//
// Source: the health extension of Azure's scale sets, "Binary" and "Rich
// Health States" (version 1.0 and 2.0), page of 2026-05-19.
//
// Left out: https and tcp, which no stack declares, and custom metrics.
package probe
