// Package machine runs instances. An instance is its user-data, run byte for
// byte in a folder of its own, under an init process of its own, at its own
// loopback address:
//
//	Dir/user-data     the script, as it was declared
//	Dir/root/         what is / on a real machine; DESTDIR in every environment
//	Dir/image/        the commands an image brings, first on PATH
//	Dir/curl/         CURL_HOME: the caller's .curlrc
//	Dir/home, tmp     HOME and TMPDIR
//	Dir/console.log   output of init, script and units
//	Dir/state.json    phase, units and health, see package supervisor
//	Dir/health.report its time is that of the last report of health
//	RunDir/           sockets; Dir/run unless the caller has a shorter path
//
// The init process (package supervisor) leaves the caller's session and
// outlives it; what it is found by later is its Record, process id with
// start time and boot. As root, an instance runs as an unprivileged user who
// owns its files.
//
// An instance may be asked for its health from inside (Spec.Health), by init,
// and what it reports outlasts the daemon that reads it (Handle.Health).
// Faults act on all of it: Kill is a power cut, Hang a kernel that stops,
// Stress a process that keeps the processor busy. Usages says how much of the
// processor each instance takes.
//
// Every process of an instance is a descendant of its init, which is a child
// subreaper, and carries the instance's id in its environment. The first says
// whose a process is as long as init lives, the second when it is dead.
//
// Left out: limits of processor and memory, and walls between instances of
// one user beyond the folder's mode.
package machine
