// Package world keeps one stack's world: what the program declared, what is
// really running, and the one loop that brings the second to the first.
//
// Declared state is a list of resources in the words of their cloud. A Cloud
// translates them into Declared, in words that belong to no cloud, each time
// they change; the translation is never stored, so it cannot disagree with
// what the engine was told. Actual state is instances and database servers.
//
// Four things surprise:
//
//   - Whatever is promised is on disk first. An instance has a record before
//     it has a process, so a daemon that is killed at any moment finds, when
//     it comes back, at least as much written as was running: it adopts what
//     still runs and sweeps away what never got a process id.
//   - The loop only decides and starts tasks. A task (a boot, a drain, a
//     database) takes as long as it takes and posts its result back under the
//     world's lock; one task an object, so nothing is done twice.
//   - Instances and database servers do not need the daemon to run. Balancers
//     and database endpoints do, and are down while it is.
//   - Whoever goes a path that the declared rules or a fault block hangs, and
//     is not refused, because its packets are dropped. Connections that are
//     open are stopped, where they are, by a filter on the daemon's end: an
//     instance still gets what was sent to it and cannot answer.
//
// It leaves out everything that one cloud alone knows: see Cloud.
package world
