package watch

import (
	"slices"

	"orchard/infra/internal/settings"
)

// Severity is how soon a person is needed.
type Severity string

// Critical wakes somebody: clients are failing or will within the hour.
// Warning is for the working day.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
)

// Comparison is on which side of the threshold an alarm rings.
type Comparison string

// The comparisons. Both leave the threshold itself quiet.
const (
	Above Comparison = "above"
	Below Comparison = "below"
)

// Alarm rings when its signal is past the threshold for as many periods as
// it says, one after the other. A signal of a zone or of a scaling group has
// an alarm for each.
type Alarm struct {
	// Name is of lower-case words with hyphens, at most 24 bytes.
	Name       string
	Signal     Signal
	Comparison Comparison
	// Threshold is in the signal's unit.
	Threshold float64
	// Bound is the threshold in words that hold for every stack.
	Bound string
	// Periods are of PeriodSeconds.
	Periods int
	// SilenceRings says that no data counts as past the threshold.
	SilenceRings bool
	Severity     Severity
	// Stops says that a fault that is under way ends when the alarm rings.
	// One alarm has it.
	Stops bool
	// Means and Do are sentences for the person who is told.
	Means, Do string
}

// PeriodSeconds is how long signals are gathered before they are judged. It
// is the shortest that both clouds have for all of them.
const PeriodSeconds = 60

// Judgments, where nothing that is declared gives a bound.
const (
	// Objectives of the shipped drills are stricter; a person is woken later
	// than a drill fails.
	mostFailedPercent = 1.0
	leastAvailable    = 99.0
	slowSeconds       = 0.5
	// Above this a fleet no longer has the third of a zone to spare.
	busyPercent = 80.0
	// The database grows its storage by itself when a tenth is left; below
	// half of that the growth has failed or has reached its end.
	leastFreeShare = 0.05
	gib            = 1 << 30
)

// Alarms are the alarms of a stack with these settings, the gravest first.
func Alarms(set settings.Settings) []Alarm {
	return append(serviceAlarms(), append(fleetAlarms(set.Fleet), databaseAlarms(set.Database)...)...)
}

// Stopper is the one alarm that ends a fault under way.
func Stopper(alarms []Alarm) Alarm {
	return alarms[slices.IndexFunc(alarms, func(a Alarm) bool { return a.Stops })]
}
