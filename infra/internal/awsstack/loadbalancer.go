package awsstack

import (
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/bootstrap"
	"orchard/infra/internal/settings"
)

// The health check finds a dead target within two intervals and a timeout,
// 12 s; drain is longer than that, so that an instance that leaves is no
// longer sent requests when it stops listening.
const (
	checkInterval       = 5 * time.Second
	checkTimeout        = 2 * time.Second
	checkThreshold      = 2
	drain               = 15 * time.Second
	deregistrationDelay = 30 * time.Second
	idleTimeout         = 60 * time.Second
)

func seconds(d time.Duration) pulumi.Int { return pulumi.Int(int(d.Seconds())) }

// balancer is the public side: a load balancer over the public subnets, its
// listener, and the group of targets that it leads to.
type balancer struct {
	balancer *lb.LoadBalancer
	targets  *lb.TargetGroup
	listener *lb.Listener
	url      pulumi.StringOutput
}

func declareBalancer(s scope, set settings.Settings, p parts) (b balancer, err error) {
	b.balancer, err = lb.NewLoadBalancer(s.Context, "public", &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		Internal:                 pulumi.Bool(false),
		IpAddressType:            pulumi.String("ipv4"),
		Subnets:                  p.network.subnetIDs(publicSubnet),
		SecurityGroups:           pulumi.StringArray{p.security.balancer.ID()},
		IdleTimeout:              seconds(idleTimeout),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("strictest"),
		EnableDeletionProtection: pulumi.Bool(set.DeletionProtection),
		EnableZonalShift:         pulumi.Bool(true),
		AccessLogs: lb.LoadBalancerAccessLogsArgs{
			Enabled: pulumi.Bool(true), Bucket: p.logStore.bucket.ID(), Prefix: pulumi.String(requestLogs),
		},
		Tags: s.named("public"),
	}, s.on, pulumi.DependsOn(p.logStore.guards))
	if err != nil {
		return b, err
	}
	if b.targets, err = declareTargets(s, set.Listener, p.network); err != nil {
		return b, err
	}
	b.listener, err = lb.NewListener(s.Context, "public", listenerArgs(set.Listener, b), s.on)
	b.url = publicURL(set.Listener, b.balancer.DnsName)
	return b, err
}

// protocol is that of clients, targets and health checks: what comes in
// encrypted goes on encrypted. The load balancer does not ask who signed a
// target's certificate, so targets make their own.
func protocol(set settings.Listener) string {
	if set.Certificate != "" {
		return "HTTPS"
	}
	return "HTTP"
}

// declareTargets sets what the provider would otherwise choose differently
// from the cloud. The check does not touch the database: a failover must not
// replace the fleet. A target gets a request when it has the fewest under way,
// so that one that is slow, or starts with a cold pool, is spared before a
// check finds it. That would favour a target that fails at once; the service
// waits for its database rather than fail.
func declareTargets(s scope, set settings.Listener, n network) (*lb.TargetGroup, error) {
	return lb.NewTargetGroup(s.Context, "app", &lb.TargetGroupArgs{
		VpcId:                      n.vpc.ID(),
		TargetType:                 pulumi.String("instance"),
		Protocol:                   pulumi.String(protocol(set)),
		ProtocolVersion:            pulumi.String("HTTP1"),
		Port:                       pulumi.Int(bootstrap.Port),
		DeregistrationDelay:        seconds(deregistrationDelay),
		LoadBalancingAlgorithmType: pulumi.String("least_outstanding_requests"),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String(protocol(set)),
			Port:               pulumi.String("traffic-port"),
			Path:               pulumi.String("/livez"),
			Matcher:            pulumi.String("200"),
			Interval:           seconds(checkInterval),
			Timeout:            seconds(checkTimeout),
			HealthyThreshold:   pulumi.Int(checkThreshold),
			UnhealthyThreshold: pulumi.Int(checkThreshold),
		},
		Tags: s.named("app"),
	}, s.on)
}

func listenerArgs(set settings.Listener, b balancer) *lb.ListenerArgs {
	args := &lb.ListenerArgs{
		LoadBalancerArn: b.balancer.Arn,
		Port:            pulumi.Int(set.Port),
		Protocol:        pulumi.String(protocol(set)),
		DefaultActions: lb.ListenerDefaultActionArray{
			lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: b.targets.Arn},
		},
	}
	if set.Certificate != "" {
		args.SslPolicy = pulumi.String("ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
		args.CertificateArn = pulumi.String(set.Certificate)
	}
	return args
}

// publicURL is what clients ask: the certificate's host, or the name that
// the cloud gave. The port is left out where the scheme implies it.
func publicURL(set settings.Listener, dnsName pulumi.StringOutput) pulumi.StringOutput {
	scheme, implied := "http", 80
	if set.Certificate != "" {
		scheme, implied = "https", 443
		dnsName = pulumi.String(set.Domain).ToStringOutput()
	}
	if set.Port == implied {
		return pulumi.Sprintf("%s://%s", scheme, dnsName)
	}
	return pulumi.Sprintf("%s://%s:%d", scheme, dnsName, set.Port)
}
