package azurestack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/watch"
)

// metric is one of Azure Monitor's platform metrics, and how a minute of it
// is put into one number.
type metric struct {
	namespace, name, aggregation string
	unit                         watch.Unit
}

// The namespaces of metrics, which are the types of the resources that have
// them.
const (
	ofBalancer  = "Microsoft.Network/loadBalancers"
	ofGroup     = "Microsoft.Compute/virtualMachineScaleSets"
	ofAutoscale = "Microsoft.Insights/autoscaleSettings"
	ofDatabase  = "Microsoft.DBforPostgreSQL/flexibleServers"
)

// measured says how each signal is told on Azure. The portal does not divide,
// so what is counted is shown by the minute.
var measured = map[watch.Signal]metric{
	watch.NewConnections:       {ofBalancer, "SYNCount", "Total", "1/min"},
	watch.Bytes:                {ofBalancer, "ByteCount", "Total", "bytes/min"},
	watch.BalancerAvailability: {ofBalancer, "VipAvailability", "Average", watch.Percent},
	watch.HealthyTargets:       {ofBalancer, "DipAvailability", "Average", watch.Percent},
	watch.Desired:              capacity,
	watch.InService:            capacity,
	watch.DatabaseAlive:        {ofDatabase, "is_db_alive", "Maximum", watch.Count},
	watch.InstanceCPU:          {ofGroup, "Percentage CPU", "Average", watch.Percent},
	watch.DatabaseCPU:          {ofDatabase, "cpu_percent", "Average", watch.Percent},
	watch.DatabaseConnections:  {ofDatabase, "active_connections", "Maximum", watch.Count},
	watch.DatabaseFreeStorage:  {ofDatabase, "storage_free", "Minimum", watch.OfBytes},
}

// capacity is the one number that a scale set has for what it should hold and
// what it holds: an instance that ends is taken off it.
var capacity = metric{ofAutoscale, "ObservedCapacity", "Average", watch.Count}

const (
	noAnswers = "The load balancer passes connections on and sees no answers. The service tells them to Prometheus: see the dashboard that make dashboards writes."
	byService = "Told by the service to Prometheus alone: see the dashboard that make dashboards writes."
)

// unmeasured says why a signal has no metric on Azure.
var unmeasured = map[watch.Signal]string{
	watch.Requests:             noAnswers,
	watch.Answers2xx:           noAnswers,
	watch.Answers4xx:           noAnswers,
	watch.Answers5xx:           noAnswers,
	watch.BalancerErrors:       "The load balancer answers nothing itself: where no target is up, connections fail.",
	watch.ErrorShare:           noAnswers,
	watch.LatencyP50:           noAnswers,
	watch.LatencyP99:           noAnswers,
	watch.UnhealthyTargets:     "What the healthy targets leave of 100 %.",
	watch.MaxSize:              "Declared, and told by no metric: see the stack's outputs.",
	watch.ReplicaLag:           "The server tells the lag of read replicas alone. Each commit waits for the standby.",
	watch.DatabaseWriteLatency: "The server tells its writes and the queue at the disk, not how long a write takes.",
	watch.InFlight:             byService,
	watch.Shed:                 byService,
}

// notes say what differs where a signal is told in another way than
// watch describes it.
var notes = map[watch.Signal]string{
	watch.HealthyTargets:      "Azure tells how many probes each address answers, not in which zone it is. A lost zone shows as a share of all targets.",
	watch.DatabaseFreeStorage: "A server takes no more writes when 5 % or 5 GiB are left.",
}

// splitBy is the dimension of which a chart has a line for each value.
var splitBy = map[watch.Signal]string{watch.HealthyTargets: "BackendIPAddress"}

// line is one of the resources that have a metric. The name is empty where
// there is one only.
type line struct {
	name     string
	resource pulumi.StringInput
}

// linesOf gives the resources of the stack that have metrics of a namespace.
func linesOf(p parts, namespace string) []line {
	var lines []line
	switch namespace {
	case ofGroup:
		for _, g := range p.fleet {
			lines = append(lines, line{g.name, g.ID()})
		}
	case ofAutoscale:
		for _, g := range p.fleet {
			lines = append(lines, line{g.name, g.policy.ID()})
		}
	case ofDatabase:
		lines = []line{{"", p.database.server.ID()}}
	default:
		lines = []line{{"", p.balancer.balancer.ID()}}
	}
	return lines
}
