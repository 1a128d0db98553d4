package drill

import (
	"time"

	"orchard/loadrunner/internal/drill/control"
)

// sample is a world of three zones with an instance each; the database's primary is
// in a and its standby in b.
func sample() control.World {
	return control.World{
		Stack: "dev", Cloud: "aws",
		Groups: []control.Group{{Name: "app", Min: 3, Desired: 3, Max: 6, Healthy: 3}},
		Instances: []control.Instance{
			{ID: "i-a", Zone: "a", State: "in service", Health: "healthy", PID: 1},
			{ID: "i-b", Zone: "b", State: "in service", Health: "healthy", PID: 2},
			{ID: "i-c", Zone: "c", State: "in service", Health: "healthy", PID: 3},
		},
		Zones:     []control.Zone{{Name: "a", Healthy: 1}, {Name: "b", Healthy: 1}, {Name: "c", Healthy: 1}},
		Balancers: []control.Balancer{{Check: control.Check{Interval: 5 * time.Second, Timeout: 2 * time.Second, Threshold: 2}}},
		Databases: []control.Database{{
			Name: "fruit", Detection: 2 * time.Second,
			Servers: []control.Server{{Role: "primary", Zone: "a", PID: 11}, {Role: "standby", Zone: "b", PID: 12, Sync: "sync"}},
		}},
	}
}

// oneZone is a world whose three instances are all in zone a, with a database that
// has no standby.
func oneZone() control.World {
	w := sample()
	for n := range w.Instances {
		w.Instances[n].Zone = "a"
	}
	w.Zones = []control.Zone{{Name: "a", Healthy: 3}}
	w.Databases[0].Servers = w.Databases[0].Servers[:1]
	return w
}
