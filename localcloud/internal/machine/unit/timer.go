package unit

import (
	"fmt"
	"time"
)

// Timer is a [Timer] section. AccuracySec= has no effect: a timer here elapses
// when it is due and not later.
type Timer struct {
	Service  string          // the unit that is started
	Calendar []time.Duration // each whole minute, hour or day, in UTC
	Active   []time.Duration // once, this long after the start of the timer
}

// Next is when a timer that was started at a time is due for the first time
// after now; false where it never is again.
func (t Timer) Next(started, now time.Time) (due time.Time, ok bool) {
	sooner := func(at time.Time) {
		if at.After(now) && (!ok || at.Before(due)) {
			due, ok = at, true
		}
	}
	for _, period := range t.Calendar {
		sooner(now.UTC().Truncate(period).Add(period))
	}
	for _, delay := range t.Active {
		sooner(started.Add(delay))
	}
	return due, ok
}

// shorthands are the calendar expressions that are known, by their period.
var shorthands = map[string]time.Duration{"minutely": time.Minute, "hourly": time.Hour, "daily": 24 * time.Hour}

func calendar(value string) (time.Duration, error) {
	period, ok := shorthands[value]
	if !ok {
		return 0, fmt.Errorf("%q is not supported (supported: minutely, hourly, daily)", value)
	}
	return period, nil
}

func (t *Timer) table() map[string]func(string) error {
	return map[string]func(string) error{
		"OnCalendar":  appendTo(&t.Calendar, one(calendar)),
		"OnActiveSec": appendTo(&t.Active, one(span)),
		"Unit":        to(&t.Service, text),
		"AccuracySec": func(value string) error {
			_, err := span(value)
			return err
		},
	}
}
