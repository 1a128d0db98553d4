package world

import (
	"time"

	"orchard/localcloud/internal/scaling"
)

// Declared is what the program asked for, in words that belong to no one
// cloud. A translator computes it from the resources; it is never stored,
// so it cannot disagree with them.
type Declared struct {
	Region    string
	Zones     []string // in order: an instance in Zones[i] has an address in zone i+1
	Balancers map[string]Balancer
	Pools     map[string]Pool
	Templates map[string]Template
	Groups    map[string]Group
	Databases map[string]Database

	// FaultsStopOpen says that a fault which blocks a path stops the connections
	// that are open, too.
	FaultsStopOpen bool

	// Parts leads from the id of a resource that runs nothing of its own to
	// the id of the group, listener or database that it is a part of or that
	// comes with it: the resource is settled when that is.
	Parts map[string]string
}

// Balancer is a load balancer and its listeners.
type Balancer struct {
	ID, Name    string
	Address     string        // loopback IP
	Layer       int           // 7 (HTTP) or 4 (TCP)
	IdleTimeout time.Duration // front and back
	ResetIdle   bool          // an idle connection is reset, not forgotten (layer 4)
	ServerName  string        // what its own answers call it
	Listeners   []Listener
	Zones       []string // where it has a node; each takes an equal part of the clients (layer 7)
	Blocked     Blocks   // paths that clients cannot go, to listeners
}

// Listener leads one port of a balancer to a pool.
type Listener struct {
	ID   string
	Port int
	Pool string
	// Secure ends TLS at the listener, with certificates of this machine's own
	// authority for the names that clients ask for.
	Secure bool
}

// Pool is a target group (AWS) or a backend pool with its probe (Azure).
type Pool struct {
	ID, Name  string
	Port      int  // the targets' port
	Secure    bool // requests go to targets over TLS, whoever signed their certificates (layer 7)
	Check     HealthCheck
	Drain     time.Duration // deregistration delay
	Algorithm string        // RoundRobin or LeastOutstanding
	CrossZone bool          // false: a node of the balancer leads to the targets of its own zone alone
	FailOpen  bool          // requests go to all targets when none is healthy
}

// The ways in which a pool chooses a target.
const (
	RoundRobin       = "round robin"
	LeastOutstanding = "least outstanding requests"
)

// HealthCheck is how a balancer asks a target.
type HealthCheck struct {
	Path               string
	Port               int  // 0: the targets' port
	Secure             bool // asked over TLS, whoever signed the target's certificate
	Interval, Timeout  time.Duration
	Healthy, Unhealthy int    // consecutive results that change the state
	Matcher            string // accepted status codes: "200", "200,202", "200-299"
	UserAgent          string // what the cloud's checks call themselves

	// BodyField and BodyValue, where given, are what the answer must say
	// besides: a JSON object with this field of this value. BodyUnhealthy is
	// the other value that it may have.
	BodyField, BodyValue, BodyUnhealthy string
	// Grace is how long an instance that is asked from inside may take to
	// answer at first. It belongs to the check and is no slow clock.
	Grace time.Duration
}

// Template is a launch template: what an instance is started from.
type Template struct {
	ID, Name string
	Versions map[int]TemplateVersion
}

// TemplateVersion is one immutable version of a launch template.
type TemplateVersion struct {
	UserData     []byte // decoded, byte for byte as rendered
	Architecture string // "arm64" or "x86_64"
	Identity     string // the id under which its cloud knows the instance's role; empty for none
	InstanceType string
	Image        string
}

// Group is a scaling group.
type Group struct {
	ID, Name        string
	Zones           []string // where instances may be launched
	Min, Max        int
	Desired         int // at creation; scaling decides afterwards
	Template        string
	TemplateVersion int
	Pools           []string
	BalancerHealth  bool          // instances that the balancer calls unhealthy are replaced
	OwnCheck        *HealthCheck  // instances that fail this, asked at the instance itself, are replaced; nil for no such check
	Grace           time.Duration // from in service, in which that is not done
	BalancedOnly    bool          // wait for a zone that cannot launch, rather than use another
	Rebalance       bool          // move instances until zones differ by less than two
	Warmup          time.Duration
	Policies        []Policy
	Rules           []Rule // thresholds, beside the policies
	Default         int    // desired where the rules' metrics are missing and there are fewer

	// ReplacesLost groups launch another instance for one that has ended. The
	// others are one smaller, until something scales them; an instance that
	// ended with its zone comes back with it.
	ReplacesLost bool
	// Maintenance bounds the replacement of unhealthy instances and of those
	// that are moved between zones; the zero value terminates and launches.
	Maintenance Bounds
	// Hook holds a new instance back until it says that it is ready; nil for
	// none.
	Hook *Hook
	// Rollout brings a new template version to running instances; nil leaves
	// them alone.
	Rollout *Rollout
	// Repairs limits the replacement of unhealthy instances; nil for no limit.
	Repairs *Repairs

	// Notice is how long before its end an instance is told of it, unless it
	// agrees before; 0 for not at all. An instance drains meanwhile, so it is no
	// slow clock.
	Notice time.Duration

	// WaitHealthy is how many instances must be healthy in every pool
	// before the group's Create is answered, WaitTimeout for how long that
	// is awaited (0: not at all).
	WaitHealthy int
	WaitTimeout time.Duration

	// Blocked are the paths that the instances cannot go, to DestInternet,
	// DestObjects, DestSecrets or a database.
	Blocked Blocks
	// BlockedFrom are the paths that requests cannot go to the instances from
	// the balancers that lead to their pools; BlockedChecks are those that
	// health checks cannot go.
	BlockedFrom, BlockedChecks Blocks
}

// itself is a group without what the network makes of it: a rule that comes or
// goes is no change of the group.
func (g Group) itself() Group {
	g.Blocked, g.BlockedFrom, g.BlockedChecks = nil, nil, nil
	return g
}

// Bounds say how far a group may be from its desired count while instances
// are replaced.
type Bounds = scaling.Bounds

// Hook is a launch lifecycle hook: an instance does not come into service
// before its boot script has completed the hook.
type Hook struct {
	Name      string
	Heartbeat time.Duration // how long that is awaited, in real time as the boot is
	Abandon   bool          // what happens then: the instance is terminated, or comes into service all the same
}

// Rollout is how a new template version comes to the instances that run. The
// first three are an instance refresh's, the others a rolling upgrade's.
type Rollout struct {
	Bounds Bounds
	Warmup time.Duration // from in service until a new instance counts
	Stall  time.Duration // without progress, after which it has failed; 0 for never

	Batch                int           // per cent of the group at a time, 0 for no batches
	Pause                time.Duration // between batches
	MaxUnhealthy         int           // per cent of the group that may be unhealthy before a batch
	MaxUnhealthyUpgraded int           // per cent of the upgraded that may be unhealthy after one
	UnhealthyFirst       bool          // a batch begins with unhealthy instances
	CrossZone            bool          // a batch may take instances of several zones
}

// Repairs limit how unhealthy instances are replaced.
type Repairs struct {
	Share int // per cent of the group at a time; at least one instance
	Tries int // repairs in a row that do not help, after which they are suspended; 0 for never
}

// Destinations of Group.Blocked that are not a database.
const (
	DestInternet = "internet" // anything outside the network, the cloud's own public endpoints included
	DestObjects  = "objects"  // the object store, which has a way of its own (endpoint)
	DestSecrets  = "secrets"  // the secret store, where it has a way of its own
)

// The metrics of policies and rules.
const (
	MetricCPU      = "cpu"      // per cent of one core, average of the group
	MetricRequests = "requests" // per target and minute
)

// Policy is a target tracking policy.
type Policy struct {
	ID, Name       string
	Metric         string // MetricCPU or MetricRequests
	Target         float64
	Warmup         time.Duration
	DisableScaleIn bool
}

// Rule changes the number of instances when a metric passes a threshold. A
// group grows when any rule that adds says so, by the most that one adds. It
// shrinks when all rules that remove say so and none that adds would say so of
// the smaller group, which then has the same load on fewer instances. After
// each change the group rests.
type Rule struct {
	Metric    string        // MetricCPU
	Operator  string        // ">", ">=", "<", "<=", "==" or "!=" between metric and threshold
	Threshold float64       // in the metric's unit
	Period    time.Duration // of one sample
	Window    time.Duration // that is looked at, a whole number of periods
	Across    string        // how the instances of a period are combined: "average", "min", "max", "sum" or "count"
	Over      string        // how the periods of the window are combined: these, or "last"
	Change    int           // instances added (above 0) or removed (below)
	Rest      time.Duration // from the change, in which no rule is followed
}

// Database is a PostgreSQL server, with a synchronous standby where
// Standby is true.
type Database struct {
	ID, Name       string
	Address        string // loopback IP of the endpoint
	Port           int
	Major          int // declared major version
	Standby        bool
	Zones          []string // where primary and standby may live
	Database       string   // created with the server
	MasterRole     string
	MasterPassword string // what the secret store has issued; empty where tokens alone are accepted
	MaxConnections int
	Parameters     map[string]string // settings that the program declared
}
