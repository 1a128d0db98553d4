package drill

import (
	"fmt"
	"slices"

	"orchard/loadrunner/internal/drill/control"
)

// selectors choose what a fault hits, by the kind of thing.
//
//	an instance                     the first that serves, in a zone without a database server if there is one
//	an instance in the failed zone  one in the zone that a fault before it has hit
//	the zone with the primary       of the first database; likewise with the standby
//	a zone without the database     the first with instances and no database server, else any without the primary
//	the database                    the first
var selectors = map[string][]string{
	"instance": {"an instance", "an instance in the failed zone"},
	"zone":     {"the zone with the primary", "the zone with the standby", "a zone without the database"},
	"database": {"the database"},
}

// Select returns the name of what a selector chooses. failed is the zone that the
// drill has hit before, or empty.
func Select(selector string, w control.World, failed string) (string, error) {
	var found string
	switch selector {
	case "an instance":
		found = instance(w, func(zone string) bool { return zone == without(w) })
		if found == "" {
			found = instance(w, func(string) bool { return true })
		}
	case "an instance in the failed zone":
		found = instance(w, func(zone string) bool { return zone == failed })
	case "the zone with the primary":
		found = zoneOf(w, "primary")
	case "the zone with the standby":
		found = zoneOf(w, "standby")
	case "a zone without the database":
		found = without(w)
	case "the database":
		if len(w.Databases) > 0 {
			found = w.Databases[0].Name
		}
	}
	if found == "" {
		return "", fmt.Errorf("stack %s has nothing that is %s", w.Stack, selector)
	}
	return found, nil
}

func instance(w control.World, in func(zone string) bool) string {
	for _, i := range w.Instances {
		if i.Serves() && in(i.Zone) {
			return i.ID
		}
	}
	return ""
}

func zoneOf(w control.World, role string) string {
	for _, db := range w.Databases {
		if s, ok := db.Server(role); ok {
			return s.Zone
		}
	}
	return ""
}

// without is the zone with instances where a fault does the database least.
func without(w control.World) string {
	primary, standby := zoneOf(w, "primary"), zoneOf(w, "standby")
	for _, hosts := range [][]string{{primary, standby}, {primary}, nil} {
		for _, z := range w.Zones {
			if z.Healthy > 0 && !slices.Contains(hosts, z.Name) {
				return z.Name
			}
		}
	}
	return ""
}
