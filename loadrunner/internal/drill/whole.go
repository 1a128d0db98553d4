package drill

import (
	"fmt"
	"slices"

	"orchard/loadrunner/internal/drill/control"
)

// whole returns what a world lacks to be whole again, or nothing. before is the world
// as it was; rules are those of its cloud.
func whole(w, before control.World, hits []Hit, rules []Rule) string {
	if len(w.Faults) > 0 {
		return fmt.Sprintf("%s of %s is in force", w.Faults[0].Kind, w.Faults[0].Target)
	}
	for _, i := range w.Instances {
		if !i.Serves() && !(slices.Contains(rules, NoticeUnanswered) && !find(before, i.ID)) {
			return fmt.Sprintf("instance %s is %s and %s", i.ID, i.State, i.Health)
		}
	}
	for n, g := range w.Groups {
		switch {
		case g.Healthy != g.Desired:
			return fmt.Sprintf("group %s has %d of %d instances", g.Name, g.Healthy, g.Desired)
		case n < len(before.Groups) && g.Desired != before.Groups[n].Desired:
			return fmt.Sprintf("group %s wants %d instances, and before %d", g.Name, g.Desired, before.Groups[n].Desired)
		case g.Rollout != nil && g.Rollout.Status == "rolling":
			return fmt.Sprintf("group %s rolls version %d out", g.Name, g.Rollout.Version)
		}
	}
	for n, db := range w.Databases {
		if n < len(before.Databases) {
			if lacks := paired(db, len(before.Databases[n].Servers)); lacks != "" {
				return lacks
			}
		}
	}
	if lacks := tookOver(w, before, hits); lacks != "" {
		return lacks
	}
	return placed(w, before, hits, rules)
}

// tookOver returns which database has the primary still that was taken away. One that
// is started again where it was has served again soon, and would not have if its
// machine or zone had been lost.
func tookOver(w, before control.World, hits []Hit) string {
	for _, h := range hits {
		if h.Kind != "database-primary-kill" && h.Kind != "database-failover" {
			continue
		}
		for n, db := range before.Databases {
			was, _ := db.Server("primary")
			if db.Name != h.Target || n >= len(w.Databases) {
				continue
			}
			if is, _ := w.Databases[n].Server("primary"); is.Zone == was.Zone {
				return fmt.Sprintf("database %s: no standby has taken over from the primary", db.Name)
			}
		}
	}
	return ""
}

// paired returns what a database lacks that has so many servers.
func paired(db control.Database, servers int) string {
	switch standby, ok := db.Server("standby"); {
	case db.Outage != "" || db.Failover != "" || db.Error != "":
		return fmt.Sprintf("database %s: %s", db.Name, db.Outage+db.Failover+db.Error)
	case len(db.Servers) < servers:
		return fmt.Sprintf("database %s has %d of %d servers", db.Name, len(db.Servers), servers)
	case ok && standby.Sync != "sync":
		return fmt.Sprintf("database %s: the standby is %s", db.Name, standby.Sync)
	}
	return ""
}

// placed returns what lacks of the instances' places: each zone that had instances
// has one, and an instance that was hit is another.
func placed(w, before control.World, hits []Hit, rules []Rule) string {
	healthy := map[string]int{}
	for _, z := range w.Zones {
		healthy[z.Name] = z.Healthy
	}
	for _, z := range before.Zones {
		if z.Healthy > 0 && healthy[z.Name] == 0 && !slices.Contains(rules, NotRebalanced) {
			return fmt.Sprintf("zone %s has no instance", z.Name)
		}
	}
	for _, h := range hits {
		if kinds[h.Kind].target == "instance" && !slices.Contains(rules, NotRepaired) && find(w, h.Target) {
			return fmt.Sprintf("instance %s has not been replaced", h.Target)
		}
	}
	return ""
}

func find(w control.World, instance string) bool {
	return slices.ContainsFunc(w.Instances, func(i control.Instance) bool { return i.ID == instance })
}

// effect says whether a hit has an effect that can be seen, beside the world before.
func effect(h Hit, before, now control.World) bool {
	switch h.Kind {
	case "instance-kill", "instance-hang":
		return !serves(now, h.Target)
	case "zone-down", "zone-hang", "port-blocked":
		return healthyIn(now, h.Target) < healthyIn(before, h.Target)
	case "launch-failures":
		return inForce(now, h)
	case "database-primary-kill", "database-failover":
		return otherServer(before, now, "primary")
	case "database-standby-kill":
		return otherServer(before, now, "standby")
	}
	return false
}

func inForce(w control.World, h Hit) bool {
	return slices.ContainsFunc(w.Faults, func(f control.Fault) bool { return f.Kind == h.Kind && f.Target == h.Target })
}

func serves(w control.World, instance string) bool {
	return slices.ContainsFunc(w.Instances, func(i control.Instance) bool { return i.ID == instance && i.Serves() })
}

func healthyIn(w control.World, zone string) int {
	for _, z := range w.Zones {
		if z.Name == zone {
			return z.Healthy
		}
	}
	return 0
}

// otherServer says whether a database has lost the server that it had in a role.
func otherServer(before, now control.World, role string) bool {
	for n, db := range before.Databases {
		was, ok := db.Server(role)
		if !ok || n >= len(now.Databases) {
			continue
		}
		if is, ok := now.Databases[n].Server(role); !ok || is.PID != was.PID {
			return true
		}
	}
	return false
}
