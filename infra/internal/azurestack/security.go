package azurestack

import (
	"strconv"

	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// security is one group for each tier. Rules are inline: rule resources
// beside them would undo each other. A group has no reference to another, so
// rules name a tier by its range. The load balancer has no group: what comes
// through it has the client's address.
type security struct {
	app, database *armnetwork.NetworkSecurityGroup
	// rules must exist before an instance can boot and be asked.
	rules []pulumi.Resource
}

func declareSecurity(s scope, set settings.Settings) (security, error) {
	app, err := tierRange(set.Network.CIDR, appTier)
	if err != nil {
		return security{}, err
	}
	database, err := tierRange(set.Network.CIDR, databaseTier)
	if err != nil {
		return security{}, err
	}
	var sec security
	groups := []struct {
		name  string
		rules []rule
		into  **armnetwork.NetworkSecurityGroup
	}{
		{"app", appRules(app, database, set), &sec.app},
		{"database", databaseRules(app, database, set), &sec.database},
	}
	for _, g := range groups {
		group, err := declareSecurityGroup(s, g.name, g.rules)
		if err != nil {
			return security{}, err
		}
		*g.into = group
	}
	sec.rules = []pulumi.Resource{sec.app, sec.database}
	return sec, nil
}

func declareSecurityGroup(s scope, name string, rules []rule) (*armnetwork.NetworkSecurityGroup, error) {
	return armnetwork.NewNetworkSecurityGroup(s.Context, name, &armnetwork.NetworkSecurityGroupArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		SecurityRules:     inlineRules(rules),
		Tags:              s.named(name),
	}, s.on)
}

// What a rule may name instead of a range of addresses.
const (
	anywhere  = "*"
	clients   = "Internet"
	balancing = "AzureLoadBalancer"
	directory = "AzureActiveDirectory"
	store     = "Storage"
)

// appRules open client to app, balancer's probe to app, app to database, and
// app to the services outside (release, certificates, packages).
func appRules(app, database string, set settings.Settings) []rule {
	return []rule{
		{"app-clients", "Clients through the load balancer.", in, clients, app, port(bootstrap.Port)},
		{"app-balancer", "Load balancer's probe to the application.", in, balancing, app, port(bootstrap.Port)},
		{"app-database", "Application to the database.", out, app, database, port(set.Database.Port)},
		{"app-store", "Application to the release.", out, app, store, port(443)},
		{"app-services", "Application to services over TLS.", out, app, clients, port(443)},
		{"app-packages", "Signed packages for the system's patches.", out, app, clients, port(80)},
	}
}

// databaseRules open app to database, primary to standby, and the server to
// its archive and its directory.
func databaseRules(app, database string, set settings.Settings) []rule {
	return []rule{
		{"database-app", "Application to the database.", in, app, database, port(set.Database.Port)},
		{"database-primary", "Primary to standby.", in, database, database, port(set.Database.Port)},
		{"database-standby", "Primary to standby.", out, database, database, port(set.Database.Port)},
		{"database-archive", "Server to its archive.", out, database, store, port(443)},
		{"database-directory", "Server to the directory that signs tokens.", out, database, directory, port(443)},
	}
}

type direction string

const (
	in  direction = "Inbound"
	out direction = "Outbound"
)

// rule lets TCP to one port in or out.
type rule struct {
	name, description string
	direction         direction
	from, to          string
	port              pulumi.StringInput
}

// port writes one that is known beforehand.
func port(n int) pulumi.StringInput { return pulumi.String(strconv.Itoa(n)) }

// lastPriority is the lowest that a rule may have.
const lastPriority = 4096

// inlineRules ends each direction with a rule that denies everything else,
// for a group's own last rules let the whole network in.
func inlineRules(rules []rule) armnetwork.SecurityRuleTypeArray {
	var list armnetwork.SecurityRuleTypeArray
	for i, r := range rules {
		list = append(list, armnetwork.SecurityRuleTypeArgs{
			Name: pulumi.String(r.name), Description: pulumi.String(r.description),
			Direction: pulumi.String(r.direction), Access: pulumi.String("Allow"), Priority: pulumi.Int(100 + 10*i),
			Protocol: pulumi.String("Tcp"), SourcePortRange: pulumi.String(anywhere),
			SourceAddressPrefix: pulumi.String(r.from), DestinationAddressPrefix: pulumi.String(r.to),
			DestinationPortRange: r.port,
		})
	}
	for _, d := range []direction{in, out} {
		list = append(list, armnetwork.SecurityRuleTypeArgs{
			Name: pulumi.String("nothing-else-" + string(d)), Description: pulumi.String("Everything else."),
			Direction: pulumi.String(d), Access: pulumi.String("Deny"), Priority: pulumi.Int(lastPriority),
			Protocol: pulumi.String(anywhere), SourcePortRange: pulumi.String(anywhere),
			SourceAddressPrefix: pulumi.String(anywhere), DestinationAddressPrefix: pulumi.String(anywhere),
			DestinationPortRange: pulumi.String(anywhere),
		})
	}
	return list
}
