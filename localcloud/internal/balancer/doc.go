// Package balancer is a load balancer on loopback: it checks targets, keeps
// their state, and passes HTTP requests on to those that are healthy.
//
// A Pool is the targets: it checks each on a clock of its own, drains those
// that are taken away, publishes every change of state and counts. A
// Listener is one address and port that passes requests to a pool. The two
// meet in one place, Pool.acquire, which names the target for the next
// request without a lock and keeps a drain waiting until it is released; a
// data path for another layer needs that and nothing else of the pool.
//
//	client ──▶ Listener ──▶ ReverseProxy ──▶ acquire ──▶ backend ──▶ target
//	                                            │        (keep-alive)
//	                               checks ──▶ Pool ──▶ OnChange
//
// What surprises:
//   - A request is tried on one target, once. Go's own transport would
//     repeat a GET whose reused connection broke; a load balancer answers
//     502. So the connections to targets are this package's own.
//   - With no healthy target the pool fails open: every registered target
//     gets requests, also one that has not been checked yet.
//   - A blocked path is the dial function's: it hangs until its context
//     ends, and so is a timeout (504), never a refusal (502).
//
// Left out: HTTP/2, TLS on either side, slow start, stickiness, weights.
package balancer
