// Package watch says what is watched of a stack, in words of no cloud: the
// rows of charts that its dashboards show, and the alarms with what each one
// means for the person whom it wakes.
//
// It is data and small functions over it. The stacks, and the dashboards for
// Prometheus, put their own metrics in the place of each Signal, and say why
// where they have none. Thresholds are computed from what the stack declares
// and are not typed in; those that are a judgment are constants with a reason.
//
// What surprises: a signal has its Scope, because one chart shows a line for
// each zone, or each scaling group, of a stack; and an alarm's bound is there
// twice, as a number for the cloud and as words for docs/alarms.md.
//
// Left out: who is told. An alarm goes to a topic of the stack (an action
// group on Azure), and people subscribe to that.
package watch

// Row is one line of charts of a dashboard, in the order in which a person
// reads when something is wrong.
type Row struct {
	Title  string
	Charts []Chart
}

// Chart shows signals of one unit over time.
type Chart struct {
	Title string
	// Signals all have the same unit, and at least one is there.
	Signals []Signal
}

// Unit is the unit of the chart's signals.
func (c Chart) Unit() Unit { return c.Signals[0].Unit() }

// Rows are the rows of every dashboard.
func Rows() []Row {
	return []Row{
		{"Traffic", []Chart{
			{"Requests", []Signal{Requests}},
			{"New connections", []Signal{NewConnections}},
			{"Bytes", []Signal{Bytes}},
		}},
		{"Errors", []Chart{
			{"Answers by class", []Signal{Answers2xx, Answers4xx, Answers5xx, BalancerErrors}},
			{"Failed answers", []Signal{ErrorShare}},
			{"The load balancer answers", []Signal{BalancerAvailability}},
		}},
		{"Latency", []Chart{
			{"Time to answer", []Signal{LatencyP50, LatencyP99}},
		}},
		{"Healthy by zone", []Chart{
			{"Healthy targets", []Signal{HealthyTargets}},
			{"Unhealthy targets", []Signal{UnhealthyTargets}},
		}},
		{"Capacity against desired", []Chart{
			{"Instances", []Signal{Desired, InService, MaxSize}},
		}},
		{"Database role and lag", []Chart{
			{"The primary answers", []Signal{DatabaseAlive}},
			{"Lag of the standby", []Signal{ReplicaLag}},
			{"Time to write", []Signal{DatabaseWriteLatency}},
		}},
		{"Saturation", []Chart{
			{"Processors", []Signal{InstanceCPU, DatabaseCPU}},
			{"Connections of the database", []Signal{DatabaseConnections}},
			{"Free storage of the database", []Signal{DatabaseFreeStorage}},
			{"Requests under way", []Signal{InFlight}},
			{"Refused because too many were under way", []Signal{Shed}},
		}},
	}
}
