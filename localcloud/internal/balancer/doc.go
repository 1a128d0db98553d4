// Package balancer is a load balancer on loopback: it checks targets, keeps
// their state, and passes HTTP requests or TCP connections on to those that
// are healthy.
//
// A Pool is the targets: it checks each on a clock of its own, drains those
// that are taken away, publishes every change of state and counts. A
// Listener (layer 7) is one address and port that passes requests to a pool,
// a FlowListener (layer 4) one that passes connections. They meet the pool in
// one place, Pool.acquireAt, which names a target without a lock and keeps a
// drain waiting until it is released.
//
//	client ──▶ Listener ──▶ ReverseProxy ──▶ acquire ──▶ backend ──▶ target
//	                                            │        (keep-alive)
//	client ──▶ FlowListener ──▶ five-tuple ─▶ acquireAt ──▶ splice ──▶ target
//	                                            │
//	                               checks ──▶ Pool ──▶ OnChange
//
// What surprises:
//   - A request is tried on one target, once. Go's own transport would
//     repeat a GET whose reused connection broke; a load balancer answers
//     502. So the connections to targets are this package's own.
//   - With no healthy target a pool that fails open gives requests to every
//     registered target, also one that has not been checked yet. One that
//     does not has no target: 503, or a reset.
//   - A blocked path is the dial function's: it hangs until its context
//     ends, and so is a timeout (504), never a refusal (502).
//   - A flow stays with its target when the target fails its checks; only new
//     ones go elsewhere. It is cut when the target is taken away and its drain
//     is over. One connection is one target: a client that keeps it alive
//     never meets another.
//
// What differs from a load balancer that rewrites packets: a connection is
// accepted before the target has been asked, so a target that does not accept
// is a reset after the handshake, not instead of it; and the target sees the
// balancer's address, never the client's, because nothing on a machine may
// speak for another's address. A flow that goes silent is kept for two minutes
// and what its ends send is acknowledged, where the real one is forgotten.
//
// Left out: HTTP/2, TLS on either side, slow start, stickiness (hashing by
// fewer than five parts included), weights.
package balancer
