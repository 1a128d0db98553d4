package azure

import (
	"strings"

	"orchard/localcloud/internal/world"
)

// platformMetrics are the metrics that Azure Monitor has of each kind of
// resource that a stack watches, with their dimensions. Their names are
// written as Azure's reference has them, of July 2023 and later; their case
// counts.
var platformMetrics = map[string]map[string][]string{
	kindLoadBalancer: {
		"VipAvailability":     {"FrontendIPAddress", "FrontendPort"},
		"DipAvailability":     {"ProtocolType", "BackendPort", "FrontendIPAddress", "FrontendPort", "BackendIPAddress"},
		"ByteCount":           {"FrontendIPAddress", "FrontendPort", "Direction"},
		"PacketCount":         {"FrontendIPAddress", "FrontendPort", "Direction"},
		"SYNCount":            {"FrontendIPAddress", "FrontendPort", "Direction"},
		"SnatConnectionCount": {"FrontendIPAddress", "BackendIPAddress", "ConnectionState"},
		"AllocatedSnatPorts":  {"FrontendIPAddress", "BackendIPAddress", "ProtocolType", "IsAwaitingRemoval"},
		"UsedSnatPorts":       {"FrontendIPAddress", "BackendIPAddress", "ProtocolType", "IsAwaitingRemoval"},
	},
	kindNatGateway: {
		"ByteCount":            {"Protocol", "Direction"},
		"PacketCount":          {"Protocol", "Direction"},
		"PacketDropCount":      {},
		"SNATConnectionCount":  {"Protocol", "ConnectionState"},
		"TotalConnectionCount": {"Protocol"},
		"DatapathAvailability": {},
	},
	kindScaleSet: {
		metricCPU:                {"VMName"},
		"Available Memory Bytes": {"VMName"},
		"Network In Total":       {"VMName"},
		"Network Out Total":      {"VMName"},
	},
	kindAutoscale: {
		"ObservedMetricValue":   {"MetricTriggerSource"},
		"MetricThreshold":       {"MetricTriggerRule"},
		"ObservedCapacity":      {},
		"ScaleActionsInitiated": {"ScaleDirection"},
	},
	kindServer: {
		"active_connections":                    {},
		"connections_failed":                    {},
		"connections_succeeded":                 {},
		"max_connections":                       {},
		"is_db_alive":                           {},
		"cpu_percent":                           {},
		"memory_percent":                        {},
		"iops":                                  {},
		"disk_queue_depth":                      {},
		"storage_free":                          {},
		"storage_percent":                       {},
		"storage_used":                          {},
		"txlogs_storage_used":                   {},
		"maximum_used_transactionIDs":           {},
		"longest_transaction_time_sec":          {},
		"physical_replication_delay_in_bytes":   {},
		"physical_replication_delay_in_seconds": {},
	},
}

// metricOf gives the dimensions of a resource's metric.
func metricOf(r world.Resource, metric string) (dimensions []string, ok bool) {
	dimensions, ok = platformMetrics[outs(r).Text("type")][metric]
	return dimensions, ok
}

// measures says whether a namespace is the one of a resource's own metrics.
func measures(namespace string, r world.Resource) bool {
	return strings.EqualFold(namespace, outs(r).Text("type"))
}
