package azure

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// Declare translates the resources of a world. It decides from them alone,
// and accepts any part of a program, because resources come and go one by
// one: what refers to something that is not there (yet) is left out. It
// refuses only what could never run.
func Declare(resources []world.Resource) (world.Declared, Cloud, error) {
	if err := oneLocation(resources); err != nil {
		return world.Declared{}, Cloud{}, err
	}
	resources = slices.Clone(resources)
	slices.SortStableFunc(resources, func(a, b world.Resource) int { return cmp.Compare(a.Order, b.Order) })
	cloud := declareCloud(resources)
	d := world.Declared{
		// A fault is a rule that denies, in a network security group: it lets
		// open connections go on. Source: Chaos Studio, fault library, network
		// security group rules.
		FaultsStopOpen: false,

		Region:    cloud.Location,
		Balancers: map[string]world.Balancer{},
		Pools:     map[string]world.Pool{},
		Templates: map[string]world.Template{},
		Groups:    map[string]world.Group{},
		Databases: map[string]world.Database{},
		Parts:     map[string]string{},
	}
	if d.Region != "" {
		d.Zones = Zones(d.Region)
	}
	for _, r := range resources {
		if err := declareOne(&d, r, resources); err != nil {
			return world.Declared{}, Cloud{}, fmt.Errorf("%s: %w", label(r), err)
		}
	}
	return d, cloud, nil
}

func declareOne(d *world.Declared, r world.Resource, all []world.Resource) (err error) {
	switch r.Type {
	case typeLoadBalancer:
		b := declareBalancer(r, all)
		d.Balancers[r.ID] = b
		if len(b.Listeners) > 0 {
			d.Parts[r.ID] = b.Listeners[0].ID // made with the balancer, which is settled when it listens
		}
		for _, rule := range outs(r).Objects("loadBalancingRules") {
			if pool, ok := declarePool(r, rule); ok {
				d.Pools[pool.ID] = pool
			}
		}
	case typeScaleSet:
		if d.Templates[r.ID], err = declareTemplate(r); err == nil {
			d.Groups[r.ID] = declareGroup(r, all)
		}
	case typeServer:
		if db, ok := declareDatabase(r, all); ok {
			d.Databases[r.ID] = db
		}
	case typeAutoscale:
		declarePart(d, r, typeScaleSet, outs(r).Text("targetResourceUri"), all)
	case typeAdministrator, typeDatabase, typeConfiguration:
		declarePart(d, r, typeServer, parentID(r.ID), all)
	}
	return err
}

// declarePart notes what a resource is a part of.
func declarePart(d *world.Declared, r world.Resource, typ, whole string, all []world.Resource) {
	if of, ok := found(all, typ, whole); ok {
		d.Parts[r.ID] = of.ID
	}
}

// parentID is the id of what something is directly inside of.
func parentID(id string) string {
	parts := strings.Split(id, "/")
	return strings.Join(parts[:len(parts)-2], "/")
}

// declareBalancer has a listener for each rule; the rule's id is that of the
// listener and of the pool, as one pool may have several rules.
func declareBalancer(r world.Resource, all []world.Resource) world.Balancer {
	o := outs(r)
	b := world.Balancer{ID: r.ID, Name: o.Text("name"), Layer: 4}
	for _, front := range o.Objects("frontendIPConfigurations") {
		if address, ok := found(all, typePublicAddress, front.Object("publicIPAddress").Text("id")); ok {
			b.Address = outs(address).Text("ipAddress")
		}
	}
	for _, rule := range o.Objects("loadBalancingRules") {
		b.IdleTimeout = time.Duration(rule.Int("idleTimeoutInMinutes")) * time.Minute
		b.ResetIdle = rule.Flag("enableTcpReset")
		b.Listeners = append(b.Listeners, world.Listener{ID: rule.Text("id"), Port: rule.Int("frontendPort"), Pool: rule.Text("id")})
	}
	return b
}

// maxProbeTimeout bounds how long a probe waits, however long its interval.
const maxProbeTimeout = 30 * time.Second

func declarePool(balancer world.Resource, rule provider.Inputs) (world.Pool, bool) {
	probe, ok := part(balancer, "probes", rule.Object("probe").Text("id"))
	if !ok {
		return world.Pool{}, false
	}
	pool, _ := part(balancer, "backendAddressPools", rulePool(rule))
	interval, threshold := time.Duration(probe.Int("intervalInSeconds"))*time.Second, probe.Int("probeThreshold")
	return world.Pool{
		ID: rule.Text("id"), Name: pool.Text("name"), Port: rule.Int("backendPort"), CrossZone: true,
		FailOpen: probe.Text("noHealthyBackendsBehavior") == "AllProbedUp",
		Check: world.HealthCheck{
			Secure: probe.Text("protocol") == "Https", Path: probe.Text("requestPath"), Port: probe.Int("port"), Matcher: "200", UserAgent: "Load Balancer Agent",
			Interval: interval, Timeout: min(interval, maxProbeTimeout), Healthy: threshold, Unhealthy: threshold,
		},
	}, true
}

func declareTemplate(r world.Resource) (world.Template, error) {
	t := world.Template{ID: r.ID, Name: outs(r).Text("name"), Versions: map[int]world.TemplateVersion{}}
	versions := privates(r).Object("versions")
	for number := range versions {
		n, err := strconv.Atoi(number)
		if err != nil {
			return t, fmt.Errorf("read version %q: %w", number, err)
		}
		if t.Versions[n], err = declareVersion(r, versions.Object(number)); err != nil {
			return t, fmt.Errorf("read version %d: %w", n, err)
		}
	}
	return t, nil
}

func declareVersion(r world.Resource, model provider.Inputs) (world.TemplateVersion, error) {
	profile := model.Object("profile")
	script, err := base64.StdEncoding.DecodeString(profile.Object("osProfile").Text("customData"))
	if err != nil {
		return world.TemplateVersion{}, fmt.Errorf("decode custom data: %w", err)
	}
	image := profile.Object("storageProfile").Object("imageReference")
	return world.TemplateVersion{
		UserData: script, Architecture: Architecture(model.Text("size")), Identity: r.ID, InstanceType: model.Text("size"),
		Image: strings.Join([]string{image.Text("publisher"), image.Text("offer"), image.Text("sku"), image.Text("version")}, ":"),
	}, nil
}

// declareDatabase is the server once it has a role that may log in and a
// database: both are made with it.
func declareDatabase(r world.Resource, all []world.Resource) (world.Database, bool) {
	o := outs(r)
	database, ok := databaseOf(all, r)
	if !ok {
		return world.Database{}, false
	}
	master := cmp.Or(privates(database).Text("owner"), masterRole(all, r))
	major, err := strconv.Atoi(o.Text("version"))
	if master == "" || err != nil {
		return world.Database{}, false
	}
	parameters := parametersOf(all, r)
	connections, err := strconv.Atoi(parameters["max_connections"])
	if err != nil {
		connections = maxConnections(o.Object("sku").Text("name"))
	}
	db := world.Database{
		ID: r.ID, Name: o.Text("name"), Address: o.Text("fullyQualifiedDomainName"), Port: databasePort, Major: major,
		Standby: o.Object("highAvailability").Text("mode") == "ZoneRedundant", Zones: databaseZones(r),
		Database: outs(database).Text("name"), MasterRole: master, MaxConnections: connections, Parameters: forPostgres(parameters),
	}
	if o.Object("authConfig").Text("passwordAuth") == "Enabled" {
		db.MasterPassword = o.Text("administratorLoginPassword")
	}
	return db, true
}

func databaseOf(resources []world.Resource, server world.Resource) (world.Resource, bool) {
	for _, r := range each(resources, typeDatabase) {
		if Within(r.ID, server.ID) {
			return r, true
		}
	}
	return world.Resource{}, false
}

// databaseZones are the zones of a server: the primary's, the standby's, and
// those that are left.
func databaseZones(server world.Resource) []string {
	o := outs(server)
	numbers := []string{o.Text("availabilityZone"), o.Object("highAvailability").Text("standbyAvailabilityZone"), "1", "2", "3"}
	var zones []string
	for _, n := range numbers {
		if z := zone(o.Text("location"), n); n != "" && !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	return zones
}

// locationOfAll is the location of a world. A world is in one.
func locationOfAll(resources []world.Resource) string {
	for _, r := range resources {
		if place := privates(r).Text("location"); place != "" {
			return place
		}
	}
	return ""
}

// oneLocation refuses a world in two locations: its zones number its
// addresses.
func oneLocation(resources []world.Resource) error {
	first := locationOfAll(resources)
	for _, r := range resources {
		if place := privates(r).Text("location"); place != "" && place != first {
			return fmt.Errorf("%s is in %s and the rest of the stack in %s: localcloud runs one location a stack", label(r), place, first)
		}
	}
	return nil
}
