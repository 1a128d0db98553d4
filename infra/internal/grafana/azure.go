package grafana

import (
	"fmt"
	"regexp"
	"strings"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/watch"
)

const ofAzureMonitor = "azure-metrics-exporter"

// azure are the signals that azure-metrics-exporter tells: one metric of its
// own, with Azure's name of the metric and the resource's id as labels.
func azure(of outputs.Stack) map[watch.Signal]query {
	group, _, _ := strings.Cut(of.LoadBalancer.ID, "/providers/")
	told := func(metric, statistic, kind string, names ...string) query {
		ids := "(?i)" + regexp.QuoteMeta(group) + "/providers/[^/]+/" + kind + "/(" + strings.Join(names, "|") + ")"
		return query{note: ofAzureMonitor, expr: fmt.Sprintf(`azurerm_resource_metric{metric=%q, aggregation=%q, resourceID=~%q}`, metric, statistic, ids)}
	}
	balancer := func(metric, statistic string) query {
		return told(metric, statistic, "loadBalancers", of.LoadBalancer.Name)
	}
	server := func(metric, statistic string) query {
		return told(metric, statistic, "flexibleServers", of.Database.ID)
	}
	const noZones = "Prometheus itself, because Azure's load balancer does not tell targets by zone: the instances whose metrics it can read"
	return map[watch.Signal]query{
		watch.NewConnections:       perMinute(balancer("SYNCount", "total")),
		watch.Bytes:                perMinute(balancer("ByteCount", "total")),
		watch.BalancerErrors:       {note: "A layer-4 load balancer answers nothing itself."},
		watch.BalancerAvailability: balancer("VipAvailability", "average"),
		watch.HealthyTargets:       {expr: `count by (zone) (up{job="$job"} == 1)`, by: "{{zone}}", note: noZones},
		watch.UnhealthyTargets:     {expr: `count by (zone) (up{job="$job"} == 0)`, by: "{{zone}}", note: noZones},
		watch.Desired:              told("ObservedCapacity", "average", "autoscaleSettings", ".*"),
		watch.MaxSize:              {expr: fmt.Sprintf("vector(%d)", mostInstances(of)), note: "the stack's outputs"},
		watch.InstanceCPU:          told("Percentage CPU", "average", "virtualMachineScaleSets", groupNames(of)...),
		watch.DatabaseCPU:          server("cpu_percent", "average"),
		watch.DatabaseFreeStorage:  server("storage_free", "minimum"),
		watch.DatabaseWriteLatency: {note: "The server has no metric of the time of a write."},
	}
}

func perMinute(q query) query { q.expr += " / 60"; return q }

func mostInstances(of outputs.Stack) int {
	most := 0
	for _, each := range of.ScalingGroups {
		most += each.Max
	}
	return most
}
