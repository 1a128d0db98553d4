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
// What surprises: starting is sequential, in the order that After= and
// Before= give, so a unit whose requirement failed is never tried. A
// Type=simple command that cannot be executed fails its `systemctl start`
// (systemd reports it afterwards only). Listening sockets belong to the
// supervisor and survive restarts of the service behind them.
//
// Left out: everything that package unit refuses, the journal (all output
// goes to the console log), targets (they are taken as reached).
package supervisor
