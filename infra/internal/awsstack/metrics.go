package awsstack

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/watch"
)

// metric is one of CloudWatch's, and the statistic of a period.
type metric struct{ namespace, name, stat string }

// series is how a signal is told from metrics. The expression is CloudWatch's
// metric math over %[1]s, %[2]s and so on, the ids of the metrics in their
// order; it is empty where the one metric is the signal.
type series struct {
	metrics    []metric
	expression string
}

const (
	ofBalancer = "AWS/ApplicationELB"
	ofGroup    = "AWS/AutoScaling"
	ofInstance = "AWS/EC2"
	ofDatabase = "AWS/RDS"
)

func only(namespace, name, stat string) series {
	return series{metrics: []metric{{namespace, name, stat}}}
}

func perSecond(name string) series {
	return series{[]metric{{ofBalancer, name, "Sum"}}, "%[1]s/PERIOD(%[1]s)"}
}

// measured says how each signal is told on AWS.
var measured = map[watch.Signal]series{
	watch.Requests:             perSecond("RequestCount"),
	watch.NewConnections:       perSecond("NewConnectionCount"),
	watch.Bytes:                perSecond("ProcessedBytes"),
	watch.Answers2xx:           perSecond("HTTPCode_Target_2XX_Count"),
	watch.Answers4xx:           perSecond("HTTPCode_Target_4XX_Count"),
	watch.Answers5xx:           perSecond("HTTPCode_Target_5XX_Count"),
	watch.BalancerErrors:       perSecond("HTTPCode_ELB_5XX_Count"),
	watch.ErrorShare:           errorShare,
	watch.LatencyP50:           only(ofBalancer, "TargetResponseTime", "p50"),
	watch.LatencyP99:           only(ofBalancer, "TargetResponseTime", "p99"),
	watch.HealthyTargets:       only(ofBalancer, "HealthyHostCount", "Minimum"),
	watch.UnhealthyTargets:     only(ofBalancer, "UnHealthyHostCount", "Maximum"),
	watch.Desired:              only(ofGroup, "GroupDesiredCapacity", "Average"),
	watch.InService:            only(ofGroup, "GroupInServiceInstances", "Average"),
	watch.MaxSize:              only(ofGroup, "GroupMaxSize", "Average"),
	watch.DatabaseAlive:        databaseAlive,
	watch.DatabaseWriteLatency: only(ofDatabase, "WriteLatency", "Average"),
	watch.InstanceCPU:          only(ofInstance, "CPUUtilization", "Average"),
	watch.DatabaseCPU:          only(ofDatabase, "CPUUtilization", "Average"),
	watch.DatabaseConnections:  only(ofDatabase, "DatabaseConnections", "Maximum"),
	watch.DatabaseFreeStorage:  only(ofDatabase, "FreeStorageSpace", "Minimum"),
}

// unmeasured says why a signal has no metric on AWS.
var unmeasured = map[watch.Signal]string{
	watch.BalancerAvailability: "CloudWatch has no such metric of a load balancer. Its own 5xx and the healthy targets tell it.",
	watch.ReplicaLag:           "RDS does not tell how far a synchronous standby is behind: each commit waits for it, which the time to write shows.",
	watch.InFlight:             "Told by the service to Prometheus alone: see the dashboard that make dashboards writes.",
	watch.Shed:                 "Told by the service to Prometheus alone: see the dashboard that make dashboards writes.",
}

// errorShare reckons with answers, because RequestCount leaves out requests
// for which there was no target to choose. A metric that counted nothing is
// not there, and FILL makes it 0.
var errorShare = series{
	metrics: []metric{
		{ofBalancer, "HTTPCode_Target_2XX_Count", "Sum"},
		{ofBalancer, "HTTPCode_Target_3XX_Count", "Sum"},
		{ofBalancer, "HTTPCode_Target_4XX_Count", "Sum"},
		{ofBalancer, "HTTPCode_Target_5XX_Count", "Sum"},
		{ofBalancer, "HTTPCode_ELB_5XX_Count", "Sum"},
	},
	expression: "100*(FILL(%[4]s,0)+FILL(%[5]s,0))/(FILL(%[1]s,0)+FILL(%[2]s,0)+FILL(%[3]s,0)+FILL(%[4]s,0)+FILL(%[5]s,0))",
}

// databaseAlive takes it that a server that counts its connections, and be
// there none, answers: RDS has no metric for just that.
var databaseAlive = series{
	metrics:    []metric{{ofDatabase, "DatabaseConnections", "Minimum"}},
	expression: "IF(FILL(%[1]s,-1)<0,0,1)",
}

// math writes the expression over metrics with these ids.
func (s series) math(ids []string) string {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return fmt.Sprintf(s.expression, args...)
}

// line is one of the lines that a signal has, and the dimensions that choose
// it. The name is empty where there is one only.
type line struct {
	name       string
	dimensions []dimension
}

type dimension struct {
	key   string
	value pulumi.StringInput
}

// linesOf gives a line for each part of the stack that the scope names.
func linesOf(p parts, scope watch.Scope) []line {
	balancer := dimension{"LoadBalancer", p.balancer.balancer.ArnSuffix}
	var lines []line
	switch scope {
	case watch.OfZone:
		targets := dimension{"TargetGroup", p.balancer.targets.ArnSuffix}
		for _, z := range p.network.zones {
			lines = append(lines, line{z.zone, []dimension{{"AvailabilityZone", pulumi.String(z.zone)}, balancer, targets}})
		}
	case watch.OfGroup:
		for _, g := range p.fleet {
			lines = append(lines, line{g.name, []dimension{{"AutoScalingGroupName", g.Name}}})
		}
	case watch.OfDatabase:
		lines = []line{{"", []dimension{{"DBInstanceIdentifier", p.database.instance.Identifier}}}}
	default:
		lines = []line{{"", []dimension{balancer}}}
	}
	return lines
}
