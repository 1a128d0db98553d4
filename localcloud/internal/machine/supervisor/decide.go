package supervisor

import (
	"syscall"
	"time"
)

// outcome says how a run of a service ended, in systemd's words.
type outcome string

const (
	success   outcome = "success"
	exitCode  outcome = "exit-code"
	bySignal  outcome = "signal"
	coreDump  outcome = "core-dump"
	timeout   outcome = "timeout"
	limitHit  outcome = "start-limit-hit"
	resources outcome = "resources"
	protocol  outcome = "protocol" // a notify service that ended without saying it was ready
)

// judge translates an exit: code 0 and the signals by which services are
// asked to stop are a success (systemd.service(5), SuccessExitStatus=).
func judge(status syscall.WaitStatus) outcome {
	switch {
	case status.Exited() && status.ExitStatus() == 0:
		return success
	case status.Exited():
		return exitCode
	case status.CoreDump():
		return coreDump
	}
	switch status.Signal() {
	case syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE:
		return success
	}
	return bySignal
}

// code is an exit as a shell tells it: 128+n after signal n.
func code(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// restarts says whether Restart=policy starts a service again, by the table
// in systemd.service(5). status is consulted to tell a clean exit from a
// clean signal.
func restarts(policy string, end outcome, status syscall.WaitStatus) bool {
	switch policy {
	case "always":
		return true
	case "on-success":
		return end == success
	case "on-failure":
		return end != success
	case "on-abnormal":
		return end == bySignal || end == coreDump || end == timeout
	case "on-abort":
		return (end == bySignal || end == coreDump) && status.Signaled()
	}
	return false
}

// limited says whether one more start at now would exceed burst starts
// within interval, and returns the starts that still count.
func limited(starts []time.Time, interval time.Duration, burst int, now time.Time) (recent []time.Time, hit bool) {
	if interval <= 0 || burst <= 0 {
		return nil, false
	}
	for _, s := range starts {
		if now.Sub(s) < interval {
			recent = append(recent, s)
		}
	}
	return recent, len(recent) >= burst
}
