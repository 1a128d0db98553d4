package watch

// Signal is one thing that is measured, each minute or more often.
type Signal string

// The signals. Those of answers and latency are taken at the load balancer,
// where clients are nearest; InFlight and Shed at the service.
const (
	Requests       Signal = "requests"
	NewConnections Signal = "new-connections"
	Bytes          Signal = "bytes"

	Answers2xx Signal = "answers-2xx"
	Answers4xx Signal = "answers-4xx"
	Answers5xx Signal = "answers-5xx"
	// BalancerErrors are the 5xx that the load balancer answers itself,
	// because no instance answered.
	BalancerErrors Signal = "balancer-errors"
	// ErrorShare is Answers5xx and BalancerErrors of all Requests.
	ErrorShare Signal = "error-share"
	// BalancerAvailability is the share of time in which the load balancer's
	// public address leads to an instance.
	BalancerAvailability Signal = "balancer-availability"

	LatencyP50 Signal = "latency-p50"
	LatencyP99 Signal = "latency-p99"

	HealthyTargets   Signal = "healthy-targets"
	UnhealthyTargets Signal = "unhealthy-targets"

	Desired   Signal = "desired"
	InService Signal = "in-service"
	MaxSize   Signal = "max-size"

	// DatabaseAlive is 1 while the primary answers and 0 otherwise.
	DatabaseAlive Signal = "database-alive"
	// ReplicaLag is how far the standby is behind.
	ReplicaLag Signal = "replica-lag"
	// DatabaseWriteLatency is of one write to the disk; with a synchronous
	// standby it holds the way there and back.
	DatabaseWriteLatency Signal = "database-write-latency"

	InstanceCPU         Signal = "instance-cpu"
	DatabaseCPU         Signal = "database-cpu"
	DatabaseConnections Signal = "database-connections"
	DatabaseFreeStorage Signal = "database-free-storage"
	InFlight            Signal = "in-flight"
	Shed                Signal = "shed"
)

// Unit is what a signal's numbers count.
type Unit string

// The units.
const (
	PerSecond      Unit = "1/s"
	BytesPerSecond Unit = "bytes/s"
	Count          Unit = "count"
	Percent        Unit = "%"
	Seconds        Unit = "s"
	OfBytes        Unit = "bytes"
)

// Scope is what a signal has one line of.
type Scope string

// The scopes.
const (
	OfBalancer Scope = "load balancer"
	OfZone     Scope = "zone"
	OfGroup    Scope = "scaling group"
	OfDatabase Scope = "database"
	OfInstance Scope = "instance"
)

type facts struct {
	unit  Unit
	scope Scope
	label string
}

var signals = map[Signal]facts{
	Requests:             {PerSecond, OfBalancer, "requests"},
	NewConnections:       {PerSecond, OfBalancer, "new connections"},
	Bytes:                {BytesPerSecond, OfBalancer, "bytes in and out"},
	Answers2xx:           {PerSecond, OfBalancer, "2xx"},
	Answers4xx:           {PerSecond, OfBalancer, "4xx"},
	Answers5xx:           {PerSecond, OfBalancer, "5xx of instances"},
	BalancerErrors:       {PerSecond, OfBalancer, "5xx of the load balancer"},
	ErrorShare:           {Percent, OfBalancer, "failed"},
	BalancerAvailability: {Percent, OfBalancer, "available"},
	LatencyP50:           {Seconds, OfBalancer, "p50"},
	LatencyP99:           {Seconds, OfBalancer, "p99"},
	HealthyTargets:       {Count, OfZone, "healthy"},
	UnhealthyTargets:     {Count, OfZone, "unhealthy"},
	Desired:              {Count, OfGroup, "desired"},
	InService:            {Count, OfGroup, "in service"},
	MaxSize:              {Count, OfGroup, "maximum"},
	DatabaseAlive:        {Count, OfDatabase, "primary answers"},
	ReplicaLag:           {Seconds, OfDatabase, "lag"},
	DatabaseWriteLatency: {Seconds, OfDatabase, "write"},
	InstanceCPU:          {Percent, OfGroup, "instances"},
	DatabaseCPU:          {Percent, OfDatabase, "database"},
	DatabaseConnections:  {Count, OfDatabase, "connections"},
	DatabaseFreeStorage:  {OfBytes, OfDatabase, "free"},
	InFlight:             {Count, OfInstance, "under way"},
	Shed:                 {PerSecond, OfInstance, "refused"},
}

// Unit is what the signal counts.
func (s Signal) Unit() Unit { return signals[s].unit }

// Scope is what the signal has one line of.
func (s Signal) Scope() Scope { return signals[s].scope }

// Label names the signal in the legend of a chart.
func (s Signal) Label() string { return signals[s].label }
