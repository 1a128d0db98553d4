package azure_test

import (
	"strings"
	"testing"

	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// Each case changes something in a stack that works, and expects one sentence
// about it and none about anything else.
func TestBlocked(t *testing.T) {
	t.Parallel()
	whole := declared(t)
	service := providertest.Find(whole, balancerType, "public").ID + "/loadBalancingRules/public"
	db := providertest.Find(whole, serverType, "database").ID
	rule := func(group, name, property string, value any) func([]world.Resource) {
		return func(all []world.Resource) {
			part(providertest.Find(all, nsgType, group), "securityRules", name)[property] = value
		}
	}
	subnet := func(name, property string, value any) func([]world.Resource) {
		return func(all []world.Resource) {
			part(providertest.Find(all, vnetType, "network"), "subnets", name)[property] = value
		}
	}
	balancing := func(property string, value any) func([]world.Resource) {
		return func(all []world.Resource) {
			part(providertest.Find(all, balancerType, "public"), "loadBalancingRules", "public")[property] = value
		}
	}
	vault := func(all []world.Resource) {
		providertest.Find(all, grantType, "read").Outputs["scope"] = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/fruit/secrets/certificate"
	}
	for name, test := range map[string]struct {
		change   []func([]world.Resource)
		blocked  map[string]string // destination → part of the sentence
		requests map[string]string // rule → likewise
		checks   map[string]string
	}{
		"nothing": {},
		"a vault": {[]func([]world.Resource){vault, subnet("app", "natGateway", nil), subnet("app", "serviceEndpoints", []any{
			map[string]any{"service": "Microsoft.Storage"}, map[string]any{"service": "Microsoft.KeyVault"},
		})}, map[string]string{world.DestInternet: "has no default outbound access"}, nil, nil},
		"a vault without a way": {[]func([]world.Resource){vault, subnet("app", "natGateway", nil)}, map[string]string{
			world.DestInternet: "has no default outbound access",
			world.DestSecrets:  "scale set app cannot reach vault fruit: subnet app has no NAT gateway",
		}, nil, nil},
		"a vault denied": {[]func([]world.Resource){vault, rule("app", "services", "destinationAddressPrefix", "10.0.1.7")}, map[string]string{
			world.DestInternet: "the rule none-out (priority 4096)",
			world.DestSecrets:  "the rule none-out (priority 4096) of network security group app",
		}, nil, nil},
		"clients denied": {[]func([]world.Resource){rule("app", "clients", "access", "Deny")}, nil, map[string]string{
			service: "clients of load balancer public on the internet cannot reach scale set app on port 8080: the rule clients (priority 100) of network security group app",
		}, nil},
		"clients of one range": {[]func([]world.Resource){rule("app", "clients", "sourceAddressPrefix", "203.0.113.0/24")}, nil, map[string]string{
			service: "the rule none-in (priority 4096)",
		}, nil},
		"clients, a part denied": {[]func([]world.Resource){rule("app", "none-in", "priority", 90.0), rule("app", "none-in", "sourceAddressPrefix", "203.0.113.0/24")}, nil, nil, nil},
		"database, a part denied": {[]func([]world.Resource){rule("app", "none-out", "priority", 90.0), rule("app", "none-out", "destinationAddressPrefix", "10.0.1.7")}, map[string]string{
			db: "the rule none-out (priority 90) of network security group app",
		}, nil, nil},
		"probe on another port": {[]func([]world.Resource){rule("app", "probe", "destinationPortRange", "9000-9010")}, nil, nil, map[string]string{
			service: "the probe of load balancer public cannot reach scale set app on port 8080: the rule none-in (priority 4096) of network security group app",
		}},
		"denied before it is allowed": {
			[]func([]world.Resource){rule("app", "none-in", "priority", 99.0)},
			nil,
			map[string]string{service: "the rule none-in (priority 99)"},
			map[string]string{service: "the rule none-in (priority 99)"},
		},
		"no group at all": {
			[]func([]world.Resource){subnet("app", "networkSecurityGroup", nil)},
			nil,
			map[string]string{service: "has no network security group"},
			map[string]string{service: "has no network security group"},
		},
		"database out": {[]func([]world.Resource){rule("app", "database", "protocol", "Udp")}, map[string]string{
			db: "scale set app cannot reach database server database on port 5432: the rule none-out (priority 4096) of network security group app",
		}, nil, nil},
		"database in": {[]func([]world.Resource){rule("database", "app", "destinationPortRange", "5433")}, map[string]string{
			db: "the rule none-in (priority 4096) of network security group database",
		}, nil, nil},
		"no link": {[]func([]world.Resource){func(all []world.Resource) {
			providertest.Find(all, linkType, "database").Outputs["virtualNetwork"] = map[string]any{"id": "/other"}
		}}, map[string]string{db: "is not linked to the virtual network"}, nil, nil},
		"no NAT gateway": {[]func([]world.Resource){subnet("app", "natGateway", nil)}, map[string]string{
			world.DestInternet: "has no default outbound access",
		}, nil, nil},
		"balancer translates": {[]func([]world.Resource){subnet("app", "natGateway", nil), balancing("disableOutboundSnat", false)}, nil, nil, nil},
		"gateway without address": {[]func([]world.Resource){func(all []world.Resource) {
			providertest.Find(all, natType, "nat").Outputs["publicIpAddresses"] = []any{}
		}}, map[string]string{world.DestInternet: "NAT gateway nat ("}, nil, nil},
		"neither gateway nor endpoint": {[]func([]world.Resource){subnet("app", "natGateway", nil), subnet("app", "serviceEndpoints", nil)}, map[string]string{
			world.DestInternet: "has no NAT gateway", world.DestObjects: "has no service endpoint for Microsoft.Storage",
		}, nil, nil},
		"store denied": {[]func([]world.Resource){rule("app", "store", "access", "Deny")}, map[string]string{
			world.DestObjects: "cannot reach blobs: the rule store (priority 100)",
		}, nil, nil},
		"services denied": {[]func([]world.Resource){rule("app", "services", "access", "Deny")}, map[string]string{
			world.DestInternet: "cannot reach the internet: the rule services (priority 110)",
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := clone(t, whole)
			for _, change := range test.change {
				change(all)
			}
			d, _, err := azure.Declare(all)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range d.Groups {
				sentences(t, "Blocked", g.Blocked, test.blocked)
				sentences(t, "BlockedFrom", g.BlockedFrom, test.requests)
				sentences(t, "BlockedChecks", g.BlockedChecks, test.checks)
			}
		})
	}
}

func sentences(t *testing.T, what string, got world.Blocks, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s = %v, want %d entries: %v", what, got, len(want), want)
	}
	for end, part := range want {
		why := got[world.Path{End: end}].Why // in all zones, as the subnet is
		if !strings.Contains(why, part) {
			t.Errorf("%s[%s] = %q, want it to contain %q", what, end, why, part)
		}
	}
}
