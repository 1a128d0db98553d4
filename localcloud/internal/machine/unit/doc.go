// Package unit reads systemd unit files, the part of systemd.unit(5),
// systemd.service(5), systemd.socket(5), systemd.timer(5) and systemd.exec(5)
// that a small service manager without cgroups can honour.
//
// It is strict where systemd is lenient: a directive that it does not know
// is an error that names unit, line and directive, because a directive
// passed over in silence would behave differently on a real machine.
// Directives that only take privileges away from a process (the list is in
// hardening.go) are accepted and have no effect: the instance already runs
// without privileges and in a folder of its own.
//
// Left out: drop-in folders, mounts, paths, all of a timer but the calendar's
// three shorthands and OnActiveSec=, Accept=yes, forking and
// dbus services, watchdogs, resource control.
package unit
