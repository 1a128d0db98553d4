package world

import "time"

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
}

// Balancer is a load balancer and its listeners.
type Balancer struct {
	ID, Name    string
	Address     string        // loopback IP
	Layer       int           // 7 (HTTP) or 4 (TCP)
	IdleTimeout time.Duration // front and back
	ServerName  string        // what its own answers call it
	Listeners   []Listener
}

// Listener leads one port of a balancer to a pool.
type Listener struct {
	ID   string
	Port int
	Pool string

	// Of layer 4 alone; layer 7 has its balancer's idle timeout.
	IdleTimeout time.Duration
	Reset       bool // an idle flow is reset; otherwise it goes silent
}

// Pool is a target group (AWS) or a backend pool with its probe (Azure).
type Pool struct {
	ID, Name  string
	Port      int // the targets' port
	Check     HealthCheck
	Drain     time.Duration // deregistration delay
	CrossZone bool
	FailOpen  bool // requests go to all targets when none is healthy
}

// HealthCheck is how a balancer asks a target.
type HealthCheck struct {
	Path               string
	Port               int // 0: the targets' port
	Interval, Timeout  time.Duration
	Healthy, Unhealthy int    // consecutive results that change the state
	Matcher            string // accepted status codes: "200", "200,202", "200-299"
	UserAgent          string // what the cloud's checks call themselves
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
	Grace           time.Duration // from in service, in which that is not done
	BalancedOnly    bool          // wait for a zone that cannot launch, rather than use another
	Rebalance       bool          // move instances until zones differ by less than two
	Warmup          time.Duration
	Policies        []Policy

	// Notice is how long before its end an instance is told of it, unless it
	// agrees before; 0 for not at all. It is a slow clock.
	Notice time.Duration

	// WaitHealthy is how many instances must be healthy in every pool
	// before the group's Create is answered, WaitTimeout for how long that
	// is awaited (0: not at all).
	WaitHealthy int
	WaitTimeout time.Duration

	// Blocked names the destinations that instances of this group cannot
	// reach, each with the sentence that says what is missing. A
	// destination is DestInternet, DestObjects or a database's id.
	Blocked map[string]string
	// BlockedFrom names the balancers (by id) that cannot reach the
	// instances' service port, likewise.
	BlockedFrom map[string]string
}

// Destinations of Group.Blocked that are not a database.
const (
	DestInternet = "internet" // anything outside the network, the cloud's own public endpoints included
	DestObjects  = "objects"  // the object store, which has a way of its own (endpoint)
)

// Policy is a target tracking policy.
type Policy struct {
	ID, Name       string
	Metric         string // "cpu" (per cent, average of the group) or "requests" (per target and minute)
	Target         float64
	Warmup         time.Duration
	DisableScaleIn bool
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
