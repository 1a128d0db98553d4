package events

import (
	"slices"
	"strings"
	"time"
)

// event is one of the list, as far as it matters here.
type event struct {
	EventID     string   `json:"EventId"`
	EventType   string   // "Terminate", "Freeze", ...
	EventStatus string   // "Scheduled", or "Started" once it was approved or its time had come
	Resources   []string // names of the machines that it is about
	NotBefore   string   // an HTTP date; "" once started
}

// action is what is due after a poll.
type action struct {
	drain   bool
	event   event    // the reason for the drain
	approve []string // ids
}

// decide says what the events ask of instance, where the drain was begun at
// drained (zero: not yet) and has to last wait. Names are compared without
// case, as Azure's are.
func decide(events []event, instance string, drained time.Time, wait time.Duration, now time.Time) (due action) {
	waited := !drained.IsZero() && now.Sub(drained) >= wait
	named := func(name string) bool { return strings.EqualFold(name, instance) }
	for _, e := range events {
		if e.EventType != "Terminate" || !slices.ContainsFunc(e.Resources, named) {
			continue
		}
		if !due.drain {
			due.drain, due.event = true, e
		}
		if waited && e.EventStatus == "Scheduled" {
			due.approve = append(due.approve, e.EventID)
		}
	}
	return due
}
