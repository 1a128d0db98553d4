// Package supervisor is the first process of an instance: it runs the
// user-data once, and it is the service manager that the user-data talks to
// by `systemctl`.
//
// Phases, as written to the state file:
//
//	booting ──▶ running          the script ended with 0
//	   └──────▶ script-failed    it ended otherwise; units go on, as on a real machine
//
// It is a child subreaper, so that every process of the instance stays below
// it. Units are told apart by systemd's own INVOCATION_ID variable, which
// stands in for a cgroup: a stop signals the processes that carry it.
//
// Where the configuration has a health probe (package probe), init asks it for
// as long as it lives. A change of health goes into the state file. That a
// report came at all is told by the time of the file health.report: one system
// call for each report, which wakes nobody, and which a reader finds later
// even if it was not there at the time.
//
// The machine's operator, which is no process of any instance, may ask init by
// the same socket for load on the processor, and for nothing else.
//
// What surprises: starting is sequential, in the order that After= and
// Before= give, so a unit whose requirement failed is never tried. A
// Type=simple command that cannot be executed fails its `systemctl start`
// (systemd reports it afterwards only). Listening sockets belong to the
// supervisor and survive restarts of the service behind them.
//
// Left out: everything that package unit refuses, the journal (all output
// goes to the console log), targets (they are taken as reached).
package supervisor
