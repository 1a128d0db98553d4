package azurestack

import (
	"time"

	armnetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// The probe finds a dead target within two intervals and a timeout, which is
// an interval too, 15 s; drain is longer than that, so that an instance that
// leaves is no longer sent connections when it stops listening.
const (
	checkInterval  = 5 * time.Second
	checkTimeout   = checkInterval
	checkThreshold = 2
	drain          = 20 * time.Second
	idleTimeout    = 4 * time.Minute
)

func seconds(d time.Duration) pulumi.Int { return pulumi.Int(int(d.Seconds())) }

// The names of what a load balancer holds.
const (
	frontendName = "public"
	poolName     = "app"
	probeName    = "livez"
	ruleName     = "public"
)

// balancer is the public side: an address over three zones, a load balancer
// with it, and the pool of targets that it leads to.
type balancer struct {
	balancer *armnetwork.LoadBalancer
	address  pulumi.StringOutput
	pool     pulumi.StringOutput
	url      pulumi.StringOutput
}

func declareBalancer(s scope, set settings.Settings, n network) (b balancer, err error) {
	address, err := declareAddress(s, "public", n.zones)
	if err != nil {
		return b, err
	}
	name := s.unique("orchard-public-")
	inner := innerIDs(s, name)
	b.balancer, err = armnetwork.NewLoadBalancer(s.Context, "public", &armnetwork.LoadBalancerArgs{
		ResourceGroupName: s.group.Name,
		Location:          s.location,
		LoadBalancerName:  name,
		Sku:               armnetwork.LoadBalancerSkuArgs{Name: pulumi.String("Standard"), Tier: pulumi.String("Regional")},
		FrontendIPConfigurations: armnetwork.FrontendIPConfigurationArray{armnetwork.FrontendIPConfigurationArgs{
			Name: pulumi.String(frontendName), PublicIPAddress: armnetwork.PublicIPAddressTypeArgs{Id: address.ID()},
		}},
		BackendAddressPools: armnetwork.BackendAddressPoolArray{armnetwork.BackendAddressPoolArgs{
			Name: pulumi.String(poolName),
		}},
		Probes:             armnetwork.ProbeArray{probeArgs(set.Listener)},
		LoadBalancingRules: armnetwork.LoadBalancingRuleArray{ruleArgs(set.Listener, inner)},
		Tags:               s.named("public"),
	}, s.on, protect(set.DeletionProtection))
	if err != nil {
		return b, err
	}
	b.address = address.IpAddress.Elem()
	b.pool = pulumi.Sprintf("%s/backendAddressPools/%s", b.balancer.ID(), poolName)
	b.url = publicURL(set.Listener, b.address)
	return b, nil
}

// probeArgs asks every target itself. The check does not touch the database:
// a failover must not empty the pool. With no target up, all are tried. The
// number of probes is an older name of the threshold.
func probeArgs(set settings.Listener) armnetwork.ProbeArgs {
	protocol := "Http"
	if set.Secure() {
		protocol = "Https"
	}
	return armnetwork.ProbeArgs{
		Name:                      pulumi.String(probeName),
		Protocol:                  pulumi.String(protocol),
		Port:                      pulumi.Int(bootstrap.Port),
		RequestPath:               pulumi.String("/livez"),
		IntervalInSeconds:         seconds(checkInterval),
		NumberOfProbes:            pulumi.Int(checkThreshold),
		ProbeThreshold:            pulumi.Int(checkThreshold),
		NoHealthyBackendsBehavior: pulumi.String("AllProbedUp"),
	}
}

// ruleArgs lead the listener's port to the pool. A connection that was idle
// too long is reset, so that neither end waits for the other.
func ruleArgs(set settings.Listener, inner func(kind, name string) armnetwork.SubResourceArgs) armnetwork.LoadBalancingRuleArgs {
	return armnetwork.LoadBalancingRuleArgs{
		Name:                    pulumi.String(ruleName),
		Protocol:                pulumi.String("Tcp"),
		FrontendPort:            pulumi.Int(set.Port),
		BackendPort:             pulumi.Int(bootstrap.Port),
		FrontendIPConfiguration: inner("frontendIPConfigurations", frontendName),
		BackendAddressPool:      inner("backendAddressPools", poolName),
		Probe:                   inner("probes", probeName),
		LoadDistribution:        pulumi.String("Default"),
		EnableTcpReset:          pulumi.Bool(true),
		IdleTimeoutInMinutes:    pulumi.Int(int(idleTimeout.Minutes())),
		DisableOutboundSnat:     pulumi.Bool(true),
	}
}

// innerIDs puts together the ids by which the parts of a load balancer name
// each other before it exists.
func innerIDs(s scope, balancer pulumi.StringOutput) func(kind, name string) armnetwork.SubResourceArgs {
	return func(kind, name string) armnetwork.SubResourceArgs {
		return armnetwork.SubResourceArgs{Id: pulumi.Sprintf("%s/providers/Microsoft.Network/loadBalancers/%s/%s/%s",
			s.group.ID(), balancer, kind, name)}
	}
}

// scheme is what the service speaks, to clients and to whoever asks for its
// health.
func scheme(set settings.Listener) string {
	if set.Secure() {
		return "https"
	}
	return "http"
}

// publicURL is what clients ask: the certificate's domain where there is one,
// without the port that the scheme implies.
func publicURL(set settings.Listener, address pulumi.StringOutput) pulumi.StringOutput {
	host := address
	if set.Domain != "" {
		host = pulumi.String(set.Domain).ToStringOutput()
	}
	if set.Port == map[string]int{"http": 80, "https": 443}[scheme(set)] {
		return pulumi.Sprintf("%s://%s", scheme(set), host)
	}
	return pulumi.Sprintf("%s://%s:%d", scheme(set), host, set.Port)
}
