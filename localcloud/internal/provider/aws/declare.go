package aws

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
	if err := oneRegion(resources); err != nil {
		return world.Declared{}, Cloud{}, err
	}
	resources = slices.Clone(resources)
	slices.SortStableFunc(resources, func(a, b world.Resource) int { return cmp.Compare(a.Order, b.Order) })
	cloud := declareCloud(resources)
	d := world.Declared{
		Region:    cloud.Region,
		Balancers: map[string]world.Balancer{},
		Pools:     map[string]world.Pool{},
		Templates: map[string]world.Template{},
		Groups:    map[string]world.Group{},
		Databases: map[string]world.Database{},
		// A fault is a network ACL, and it does not track connections.
		// Source: AWS FIS actions reference, aws:network:disrupt-connectivity.
		FaultsStopOpen: true,
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
		d.Balancers[r.ID] = declareBalancer(r, all)
	case typeTargetGroup:
		d.Pools[r.ID] = declarePool(r)
	case typeLaunchTemplate:
		d.Templates[r.ID], err = declareTemplate(r, all)
	case typeGroup:
		d.Groups[r.ID] = declareGroup(r, all)
	case typeDatabase:
		d.Databases[r.ID], err = declareDatabase(r, all)
	}
	return err
}

func privates(r world.Resource) provider.Inputs { return r.Private }

func logicalName(r world.Resource) string { return provider.Name(r.URN) }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func declareBalancer(r world.Resource, all []world.Resource) world.Balancer {
	o, m := outs(r), readMap(all)
	b := world.Balancer{
		ID: r.ID, Name: o.Text("name"), Address: o.Text("dnsName"), Layer: 7,
		IdleTimeout: seconds(o.Int("idleTimeout")), Zones: m.zonesOf(o.Texts("subnets")), Blocked: m.closed(r),
	}
	for _, listener := range each(all, typeListener) {
		l := outs(listener)
		if l.Text("loadBalancerArn") != r.ID {
			continue
		}
		for _, action := range l.Objects("defaultActions") {
			b.Listeners = append(b.Listeners, world.Listener{
				ID: listener.ID, Port: l.Int("port"), Pool: action.Text("targetGroupArn"), Secure: l.Text("protocol") == "HTTPS",
			})
		}
	}
	return b
}

// algorithms are the ways to choose a target, in the world's words.
var algorithms = map[string]string{"round_robin": world.RoundRobin, "least_outstanding_requests": world.LeastOutstanding}

// declarePool fails open, as all target groups do whose targets are all
// unhealthy. Source: Elastic Load Balancing user guide, target group health.
func declarePool(r world.Resource) world.Pool {
	o := outs(r)
	check := o.Object("healthCheck")
	return world.Pool{
		ID: r.ID, Name: o.Text("name"), Port: o.Int("port"),
		Secure:    o.Text("protocol") == "HTTPS",
		Drain:     seconds(o.Int("deregistrationDelay")),
		Algorithm: algorithms[o.Text("loadBalancingAlgorithmType")], FailOpen: true,
		CrossZone: o.Text("loadBalancingCrossZoneEnabled") != "false", // a load balancer's own setting is always on
		Check: world.HealthCheck{
			Path: check.Text("path"), Port: checkPort(o), Secure: check.Text("protocol") == "HTTPS", Matcher: check.Text("matcher"),
			Interval: seconds(check.Int("interval")), Timeout: seconds(check.Int("timeout")),
			Healthy: check.Int("healthyThreshold"), Unhealthy: check.Int("unhealthyThreshold"),
		},
	}
}

// checkPort is where a target group's targets are asked for their health.
func checkPort(targetGroup provider.Inputs) int {
	port, err := strconv.Atoi(targetGroup.Object("healthCheck").Text("port"))
	if err != nil {
		return targetGroup.Int("port") // "traffic-port"
	}
	return port
}

func declareTemplate(r world.Resource, all []world.Resource) (world.Template, error) {
	t := world.Template{ID: r.ID, Name: outs(r).Text("name"), Versions: map[int]world.TemplateVersion{}}
	versions := privates(r).Object("versions")
	for number := range versions {
		n, err := strconv.Atoi(number)
		if err != nil {
			return t, fmt.Errorf("read version %q: %w", number, err)
		}
		if t.Versions[n], err = declareVersion(versions.Object(number), all); err != nil {
			return t, fmt.Errorf("read version %d: %w", n, err)
		}
	}
	return t, nil
}

func declareVersion(v provider.Inputs, all []world.Resource) (world.TemplateVersion, error) {
	script, err := base64.StdEncoding.DecodeString(v.Text("userData"))
	if err != nil {
		return world.TemplateVersion{}, fmt.Errorf("decode user-data: %w", err)
	}
	out := world.TemplateVersion{
		UserData: script, Architecture: Architecture(v.Text("instanceType")),
		InstanceType: v.Text("instanceType"), Image: v.Text("imageId"),
	}
	if profile, ok := findProfile(all, v.Object("iamInstanceProfile")); ok {
		out.Identity = outs(profile).Text("arn")
	}
	return out, nil
}

func declareDatabase(r world.Resource, all []world.Resource) (world.Database, error) {
	o := outs(r)
	major, err := strconv.Atoi(majorOf(o.Text("engineVersion")))
	if err != nil {
		return world.Database{}, fmt.Errorf("read engine version %q: %w", o.Text("engineVersion"), err)
	}
	parameters := databaseParameters(all, o)
	connections, err := strconv.Atoi(cmp.Or(parameters["max_connections"], strconv.Itoa(maxConnections(o.Text("instanceClass")))))
	if err != nil {
		return world.Database{}, fmt.Errorf("read max_connections: %w", err)
	}
	for name := range parameters {
		if strings.HasPrefix(name, "rds.") || name == "max_connections" {
			delete(parameters, name)
		}
	}
	return world.Database{
		ID: r.ID, Name: o.Text("identifier"), Address: o.Text("address"), Port: o.Int("port"),
		Major: major, Standby: o.Flag("multiAz"), Zones: databaseZones(all, o),
		Database: o.Text("dbName"), MasterRole: o.Text("username"), MasterPassword: privates(r).Text("masterPassword"),
		MaxConnections: connections, Parameters: parameters,
	}, nil
}

// databaseParameters are the settings of a database's parameter group.
func databaseParameters(resources []world.Resource, database provider.Inputs) map[string]string {
	out := map[string]string{}
	for _, group := range each(resources, typeParameterGroup) {
		if outs(group).Text("name") != database.Text("parameterGroupName") {
			continue
		}
		for _, p := range outs(group).Objects("parameters") {
			out[p.Text("name")] = p.Text("value")
		}
	}
	return out
}
