package azurestack

import (
	"orchard/infra/internal/settings"
	"orchard/infra/internal/watch"
)

// bound is what an alarm compares on Azure.
type bound struct {
	metric
	comparison watch.Comparison
	threshold  float64
}

// boundOf is the alarm's own bound, but for two signals that Azure tells in
// another way: the healthy targets, as a share of all, and the free storage,
// of which the alarm wants a share that grows with the server.
func boundOf(alarm watch.Alarm, set settings.Settings) bound {
	own := bound{measured[alarm.Signal], alarm.Comparison, alarm.Threshold}
	switch alarm.Signal {
	case watch.HealthyTargets:
		own.threshold = withoutZone(set.Fleet.MinSize, set.Fleet.MaxSize)
	case watch.DatabaseFreeStorage:
		own.name = "storage_percent"
		own.comparison = watch.Above
		own.threshold = fullStorage(set.Database.StorageGiB)
	}
	return own
}

// withoutZone is the share of targets, in percent, under which a fleet of any
// size from min to max falls when it loses the zone with the fewest of its
// instances. In a fleet so small that one instance is such a share, the loss
// of one rings too.
func withoutZone(min, max int) float64 {
	least := 1.0 / settings.Zones
	for n := min; n <= max; n++ {
		if share := float64(n/settings.Zones) / float64(n); share < least {
			least = share
		}
	}
	const noise = 0.5
	return 100*(1-least) + noise
}

// fullStorage is the share of a server's storage, in percent, above which it
// should have grown by itself, which it does at 80 %, and before it becomes
// read-only, which it does at 95 % or with 5 GiB left (Azure Database for
// PostgreSQL, storage and limits).
func fullStorage(gib int) float64 {
	const most, left = 90, 5.5
	return min(most, 100*(1-left/float64(gib)))
}

// overWindow puts a window into one number. Of a metric with one value at a
// time it is the value nearest to being right, so that the alarm rings when
// all of the window is past the threshold; of one with values of many
// instances or targets, the nearest would be that of the best of them, so it
// is their average.
func overWindow(b bound) string {
	switch {
	case b.namespace == ofBalancer || b.namespace == ofGroup:
		return "Average"
	case b.comparison == watch.Below:
		return "Maximum"
	default:
		return "Minimum"
	}
}
