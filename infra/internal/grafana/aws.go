package grafana

import (
	"fmt"
	"strings"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/watch"
)

const ofCloudWatch = "cloudwatch_exporter"

// aws are the signals that cloudwatch_exporter tells. It names a metric
// aws_NAMESPACE_METRIC_STATISTIC and its labels after the dimensions, all in
// lower case with underscores.
func aws(of outputs.Stack) map[watch.Signal]query {
	balancer := fmt.Sprintf(`load_balancer=%q`, of.LoadBalancer.MetricName)
	targets := fmt.Sprintf(`%s, target_group=%q`, balancer, of.TargetGroup.MetricName)
	server := fmt.Sprintf(`dbinstance_identifier=%q`, of.Database.ID)
	groups := fmt.Sprintf(`auto_scaling_group_name=~"%s"`, strings.Join(groupNames(of), "|"))
	told := func(format string, args ...any) query {
		return query{expr: fmt.Sprintf(format, args...), note: ofCloudWatch}
	}
	by := func(label string, q query) query { q.by = "{{" + label + "}}"; return q }
	const group, zone = "auto_scaling_group_name", "availability_zone"
	return map[watch.Signal]query{
		watch.NewConnections:       told(`sum(aws_applicationelb_new_connection_count_sum{%s, availability_zone=""}) / 60`, balancer),
		watch.Bytes:                told(`sum(aws_applicationelb_processed_bytes_sum{%s, availability_zone=""}) / 60`, balancer),
		watch.BalancerErrors:       told(`sum(aws_applicationelb_httpcode_elb_5_xx_count_sum{%s, availability_zone=""}) / 60`, balancer),
		watch.BalancerAvailability: {note: "CloudWatch has no such metric of a load balancer; its own 5xx and the healthy targets tell it."},
		watch.HealthyTargets:       by(zone, told(`aws_applicationelb_healthy_host_count_minimum{%s, availability_zone!=""}`, targets)),
		watch.UnhealthyTargets:     by(zone, told(`aws_applicationelb_un_healthy_host_count_maximum{%s, availability_zone!=""}`, targets)),
		watch.Desired:              by(group, told(`aws_autoscaling_group_desired_capacity_average{%s}`, groups)),
		watch.InService:            by(group, told(`aws_autoscaling_group_in_service_instances_average{%s}`, groups)),
		watch.MaxSize:              by(group, told(`aws_autoscaling_group_max_size_average{%s}`, groups)),
		watch.InstanceCPU:          by(group, told(`aws_ec2_cpuutilization_average{%s}`, groups)),
		watch.DatabaseCPU:          told(`aws_rds_cpuutilization_average{%s}`, server),
		watch.DatabaseFreeStorage:  told(`aws_rds_free_storage_space_minimum{%s}`, server),
		watch.DatabaseWriteLatency: told(`aws_rds_write_latency_average{%s}`, server),
	}
}

func groupNames(of outputs.Stack) []string {
	names := make([]string, len(of.ScalingGroups))
	for i, each := range of.ScalingGroups {
		names[i] = each.Name
	}
	return names
}
