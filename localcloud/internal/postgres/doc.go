// Package postgres runs a database as clouds sell it: a PostgreSQL primary
// with a synchronous standby in another zone, behind one TLS endpoint.
//
// A Pair owns a folder with one subfolder for each server ("a" and "b"):
//
//	folder/a/data   the data folder, 0700
//	folder/a/run    the private socket folder, 0700; there is no TCP
//	folder/a/log    what the server says
//
// The servers are daemons in sessions of their own and outlive the process
// that started them. What must be known to find them again is in State,
// which the caller keeps on disk: Save is called before a change counts.
// Adopt takes over the servers that it finds running and starts the others.
//
// Pair.Run watches: a dead primary is restarted in place, a dead standby is
// restarted or built anew, and synchronous replication is suspended while no
// standby streams, because commits would otherwise wait for ever. State says
// whether the standby held every commit, and says so before that ends.
//
// An Endpoint is what clients meet: TLS only, a cleartext password that a
// function of the caller verifies, then a splice to the primary's socket.
// Behind it PostgreSQL trusts whoever can open the socket, so the folder's
// mode is the lock; roles have no password unless SQL gives them one.
//
// What surprises: PostgreSQL refuses to run as root, so root runs it as the
// user "postgres" or "nobody", who must be able to pass every parent folder.
// A postmaster's children survive its death, so Fence goes by the data
// folder and not by the process group. On PostgreSQL 14 and 15 a role with
// CREATEROLE may grant itself the built-in roles that reach the server's
// files and programs; the clouds prevent that, this package does not.
//
// Left out: promoting the standby, TLS without a preceding SSLRequest
// (sslnegotiation=direct), channel binding, backups.
package postgres
