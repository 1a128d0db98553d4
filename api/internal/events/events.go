// Package events drains the service when Azure is about to delete its machine.
//
// A virtual machine whose scale set sends terminate notifications learns of
// its end by Scheduled Events, a list that its metadata service keeps and that
// it has to ask for. Run asks for it again and again, and when a Terminate
// event names this machine:
//
//	begin the drain             POST /drain on the service's admin socket
//	wait DrainWait              balancers have noticed
//	approve                     POST StartRequests: Azure need not wait longer
//
// The drain is asked for at every poll until the machine is gone, since a
// service that is restarted meanwhile knows of none. A drain that cannot be
// begun is not approved: Azure goes on by itself at the event's NotBefore, 5 to
// 15 minutes after it was announced. An event that is withdrawn does not end
// the drain; the scale set's repairs replace a machine that says it is
// unhealthy.
//
// What surprises: the requests go through HTTP_PROXY where that is set, though
// the metadata service is never behind a proxy on a real machine; an address
// that is built in is moved by nothing else. The first answer of a machine's
// life may take two minutes, for which it fails by timeout and is asked again.
// Events of other types (Freeze, Reboot, Redeploy, Preempt) are not acted on.
package events

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"orchard/api/internal/settings"
)

// requestTimeout bounds one request, to the metadata service or the admin socket.
const requestTimeout = 10 * time.Second

// watcher is what Run remembers between polls.
type watcher struct {
	settings settings.Events
	log      *slog.Logger
	metadata *http.Client
	admin    *http.Client
	drained  time.Time // when the drain was begun; zero before
	failing  string    // what failed at the last poll; "" for nothing
}

// Run polls until ctx ends; its error is then nil. Failures are logged when
// they begin and when they end, and do not end it.
func Run(ctx context.Context, s settings.Events, log *slog.Logger) error {
	w := &watcher{
		settings: s, log: log,
		metadata: &http.Client{Transport: metadataTransport(), Timeout: requestTimeout},
		admin:    &http.Client{Transport: socketTransport(s.AdminSocket), Timeout: requestTimeout},
	}
	log.Info("watching scheduled events", "url", eventsURL, "poll", s.Poll.String(), "drain_wait", s.DrainWait.String())
	tick := time.NewTicker(s.Poll)
	defer tick.Stop()
	for {
		w.report(ctx, w.poll(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			log.Info("stopped")
			return nil
		}
	}
}

// poll looks once and does what is due.
func (w *watcher) poll(ctx context.Context) error {
	events, err := list(ctx, w.metadata)
	if err != nil {
		return err
	}
	due := decide(events, w.settings.Instance, w.drained, w.settings.DrainWait, time.Now())
	if !due.drain {
		return nil
	}
	if err := beginDrain(ctx, w.admin); err != nil {
		return err
	}
	if w.drained.IsZero() {
		w.drained = time.Now()
		w.log.Info("drain begun", "event", due.event.EventID, "not_before", due.event.NotBefore)
	}
	if len(due.approve) == 0 {
		return nil
	}
	if err := approve(ctx, w.metadata, due.approve); err != nil {
		return err
	}
	w.log.Info("termination approved", "events", due.approve)
	return nil
}

// report logs the first failure of a row, each that differs from the one
// before, and the recovery.
func (w *watcher) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && err.Error() != w.failing:
		w.failing = err.Error()
		w.log.Warn("could not handle scheduled events", "error", err)
	case err == nil && w.failing != "":
		w.failing = ""
		w.log.Info("scheduled events handled again")
	}
}
