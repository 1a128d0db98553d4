package watch

import "orchard/infra/internal/settings"

func serviceAlarms() []Alarm {
	return []Alarm{
		{
			Name: "errors", Signal: ErrorShare, Comparison: Above, Threshold: mostFailedPercent, Bound: "1 % of the requests",
			Periods: 3, Severity: Critical, Stops: true,
			Means: "Clients get answers of the classes 5xx, from instances or from the load balancer.",
			Do:    "Look at which of the two answers: instances point to the release or the database, the load balancer to instances that are gone. After a new release, deploy the one before.",
		},
		{
			Name: "unreachable", Signal: BalancerAvailability, Comparison: Below, Threshold: leastAvailable, Bound: "99 % of the time",
			Periods: 3, SilenceRings: true, Severity: Critical,
			Means: "The public address does not lead to an instance.",
			Do:    "Look at the healthy targets first. If they are healthy, it is the load balancer or its rules: see what was deployed last, then the cloud's own status page.",
		},
		{
			Name: "slow", Signal: LatencyP99, Comparison: Above, Threshold: slowSeconds, Bound: "0.5 s",
			Periods: 5, Severity: Warning,
			Means: "One request in a hundred waits for longer than half a second.",
			Do:    "Compare the processors of instances and database: the busier one is the cause. If neither is busy, look at the database's connections and its time to write.",
		},
	}
}

// fleetAlarms has no at-maximum for a fleet that cannot grow, which would ring
// for ever.
func fleetAlarms(fleet settings.Fleet) []Alarm {
	alarms := []Alarm{
		{
			Name: "zone-empty", Signal: HealthyTargets, Comparison: Below, Threshold: 1, Bound: "1 instance",
			Periods: 3, SilenceRings: true, Severity: Critical,
			Means: "A zone has no healthy instance; the others carry its load, and another lost zone would be felt.",
			Do:    "Read the scaling group's activities: no capacity in the zone mends itself, instances that fail their health check do not. Leave the zone alone while the cloud repairs it.",
		},
		{
			Name: "below-minimum", Signal: InService, Comparison: Below, Threshold: float64(fleet.MinSize) / groups(fleet), Bound: "the smallest size of the group",
			Periods: 15, SilenceRings: true, Severity: Warning,
			Means: "The group has had fewer instances than its smallest size for a quarter of an hour, which is longer than a launch or a roll-out takes.",
			Do:    "Read the group's activities. If instances come and go, read the boot log of one: the release, the database or a policy of the role is missing.",
		},
		{
			Name: "instances-busy", Signal: InstanceCPU, Comparison: Above, Threshold: busyPercent, Bound: "80 %",
			Periods: 10, Severity: Warning,
			Means: "The group has not caught up with its load for ten minutes.",
			Do:    "If it is at its maximum, raise that; if it grows too slowly, raise minSize before the hour in which the load comes.",
		},
	}
	if fleet.MinSize == fleet.MaxSize {
		return alarms
	}
	return append(alarms, Alarm{
		Name: "at-maximum", Signal: Desired, Comparison: Above, Threshold: float64(fleet.MaxSize)/groups(fleet) - 0.5, Bound: "one below the largest size of the group",
		Periods: 15, Severity: Warning,
		Means: "The group is as large as it may be, so it cannot follow more load or a lost zone.",
		Do:    "Raise maxSize and look whether max_connections still leaves each instance two connections; if the traffic is nobody's, refuse it.",
	})
}

// groups is the number of scaling groups that share the fleet's sizes.
func groups(fleet settings.Fleet) float64 {
	if fleet.Topology == settings.Zonal {
		return settings.Zones
	}
	return 1
}

func databaseAlarms(db settings.Database) []Alarm {
	return []Alarm{
		{
			Name: "database-down", Signal: DatabaseAlive, Comparison: Below, Threshold: 1, Bound: "1",
			Periods: 3, SilenceRings: true, Severity: Critical,
			Means: "The primary does not answer, for longer than a failover takes.",
			Do:    "Read the server's events. If a failover is under way, wait; if none began, start one by hand (reboot with failover).",
		},
		{
			Name: "database-storage", Signal: DatabaseFreeStorage, Comparison: Below,
			Threshold: leastFreeShare * float64(db.StorageGiB) * gib, Bound: "5 % of databaseStorage",
			Periods: 5, Severity: Critical,
			Means: "The storage is nearly full and has not grown by itself; a full server takes no write.",
			Do:    "Raise databaseStorage now, then find what grew: fruit, or a replication slot that nobody reads.",
		},
		{
			Name: "database-connections", Signal: DatabaseConnections, Comparison: Above,
			Threshold: 0.9 * float64(db.MaxConnections), Bound: "90 % of databaseMaxConnections",
			Periods: 5, Severity: Warning,
			Means: "Nearly all connections are in use. The fleet alone takes four fifths at most, while it is replaced, so somebody else has some.",
			Do:    "List the sessions by role. End those that idle, and raise databaseMaxConnections only together with the server's class.",
		},
		{
			Name: "database-busy", Signal: DatabaseCPU, Comparison: Above, Threshold: busyPercent, Bound: "80 %",
			Periods: 15, Severity: Warning,
			Means: "The database is short of processor time; more instances would make it worse.",
			Do:    "Look at the slowest statements, then choose a larger databaseClass: the change is a failover.",
		},
		{
			Name: "standby-behind", Signal: ReplicaLag, Comparison: Above, Threshold: 30, Bound: "30 s",
			Periods: 5, Severity: Warning,
			Means: "The standby is behind, so a failover would take longer by as much.",
			Do:    "Look at the database's time to write and its processors; a standby that stays behind is built anew.",
		},
	}
}
