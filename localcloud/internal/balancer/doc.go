// Package balancer is a load balancer on loopback: it checks targets, keeps
// their state, and passes HTTP requests or TCP connections on to those that
// are healthy.
//
// A Pool is the targets: it checks each on a clock of its own, drains those
// that are taken away, publishes every change of state and counts. A
// Listener (layer 7) is one address and port that passes requests to a pool,
// a FlowListener (layer 4) one that passes connections. They meet the pool in
// one place, Pool.enter, which names a target without a lock and keeps a
// drain waiting until it is released.
//
//	client ──▶ Listener ──▶ session ──▶ acquire ──▶ backend ──▶ target
//	                        parse, relay   │      (keep-alive)
//	client ──▶ FlowListener ──▶ flow ─▶ acquireAt ──▶ carry ──▶ target
//	                          five-tuple   │
//	                               checks ──▶ Pool ──▶ OnChange
//
// The way of a request is our own and not net/http's, which costs several
// times as much. One goroutine serves a client's connection:
//
//	receive   reads a head into the connection's buffer     head, startline, kind, chars
//	serve     renders it for the target, and what there     request, framing
//	          is of the body behind it
//	ask       writes all to a connection that was kept,     exchange, backend, backconn
//	          and reads the head of the answer
//	relay     renders that for the client, with what        relay
//	          there is of the body, and writes it
//
// So a request that fits into the buffers, of 16 KiB, is one write and one
// read on each side, and nothing is allocated for it. What would need a second
// goroutine or a timer for each request is done otherwise: deadlines move in
// steps, with the bytes (conn), and one goroutine looks for clients that have
// gone (watch). Only a body that is not there with its head has a goroutine,
// because its target may answer before it has come (upload), and so have the
// two ways of a connection that has switched protocols (tunnel).
//
// A body is passed on as it is framed. The framing is read along, strictly,
// since it says where the next message begins.
//
// What surprises:
//   - A request is tried on one target, once. Go's own transport would
//     repeat a GET whose reused connection broke; a load balancer answers
//     502. So the connections to targets are this package's own.
//   - With no healthy target a pool that fails open gives requests to every
//     registered target, also one that has not been checked yet. One that
//     does not has no target: 503, or a reset.
//   - A blocked path is the dial function's: it hangs until its context
//     ends, and so is a timeout (504), never a refusal (502). The client
//     of a flow is told nothing, as a layer 4 balancer answers for nobody: it
//     hangs, and so does a client that Allow does not let in.
//   - A flow stays with its target when the target fails its checks; only new
//     ones go elsewhere. It is cut when the target is taken away and its drain
//     is over. One connection is one target: a client that keeps it alive
//     never meets another.
//   - The target's connection is free, and the request out of the counts,
//     before the last of the answer is written: what a client does next finds
//     what its last request has left.
//   - A client that closes its side for writing while it waits counts as gone,
//     after half a second at most.
//   - Expect: 100-continue is met here and not passed on. Interim answers of
//     a target are dropped.
//   - With isolated zones it is the client's connection, not the request, that
//     has a zone.
//
// What differs from a load balancer that rewrites packets: a connection is
// accepted before the target has been asked, so a target that does not accept
// is a reset after the handshake, not instead of it; and the target sees the
// balancer's address, never the client's, because nothing on a machine may
// speak for another's address. A flow that goes silent is kept for two minutes
// and what its ends send is acknowledged, where the real one is forgotten.
//
// Left out: HTTP/2, slow start, stickiness (hashing by fewer than five parts
// included), weights.
package balancer
