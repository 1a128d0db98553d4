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
// Pair.Run watches. State says whether the standby holds every acknowledged
// commit, and says that it does not before commits go on without it, because
// they would otherwise wait for ever. Only a standby that is recorded so is
// promoted:
//
//	primary dead or silent for Timing.Detection, standby recorded in sync
//	   └▶ fencing     no process of the old primary lives, its folder is a standby's
//	      └▶ promoting   the standby replays what it has and takes writes
//	         └▶ moving      Timing.Address passes, clients are led to it
//	            └▶ rebuilding  a new standby is built, here or in another zone
//	               └▶ none        it is recorded in sync
//
// Each phase is on disk before it begins and there is no way back, so that a
// daemon that was killed leaves it to the next. Without such a standby a dead
// primary is started again where it was, one that hangs is waited for, and one
// whose zone is down stays down: Status calls that an outage and says why.
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
// A failover leaves the two servers' zones swapped. A primary is asked on a new
// connection each time, for one whose postmaster is stopped still answers on
// those that it has.
//
// Left out: going back to the first zone, rewinding a former primary (it is
// copied anew, which is quicker at this size), TLS without a preceding SSLRequest
// (sslnegotiation=direct), channel binding, backups.
package postgres
