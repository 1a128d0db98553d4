package world

import "time"

// Status is what people and drills see of a world.
type Status struct {
	Stack     string           `json:"stack"`
	Number    int              `json:"number"`
	Cloud     string           `json:"cloud"` // the provider's name
	Region    string           `json:"region"`
	Zones     []ZoneStatus     `json:"zones"`
	Groups    []GroupStatus    `json:"groups"`
	Instances []InstanceStatus `json:"instances"`
	Balancers []BalancerStatus `json:"balancers"`
	Databases []DatabaseStatus `json:"databases"`
	Faults    []Fault          `json:"faults"`   // in force
	Problems  []Problem        `json:"problems"` // what the declared rules, routes and rights keep from working
}

// ZoneStatus counts the instances of a zone.
type ZoneStatus struct {
	Name      string `json:"name"`
	Instances int    `json:"instances"`
	Healthy   int    `json:"healthy"`
}

// GroupStatus is a scaling group beside what runs of it.
type GroupStatus struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Min             int    `json:"min"`
	Desired         int    `json:"desired"`
	Max             int    `json:"max"`
	Healthy         int    `json:"healthy"`
	TemplateVersion int    `json:"templateVersion"` // that the next launch takes

	// Load is what the latest period showed; nil before there was one.
	Load *LoadStatus `json:"load,omitempty"`
	// Alarms are those of its target tracking policies, by the policy's name.
	Alarms []AlarmStatus `json:"alarms,omitempty"`
	// Rollout is the one under way, or the last.
	Rollout *RolloutStatus `json:"rollout,omitempty"`
	// RepairsSuspended is true when repairs did not help too often.
	RepairsSuspended bool `json:"repairsSuspended,omitempty"`
}

// LoadStatus is the load of a group over one period.
type LoadStatus struct {
	End      time.Time `json:"end"`
	CPU      float64   `json:"cpu"`      // per cent of one core, average of the instances in service
	Requests float64   `json:"requests"` // per target and minute; 0 where nobody counts them
}

// AlarmStatus is the state of a policy's two alarms: ok, alarm or
// insufficient-data.
type AlarmStatus struct {
	Policy string `json:"policy"`
	High   string `json:"high"`
	Low    string `json:"low"`
}

// RolloutStatus is how far a roll-out is.
type RolloutStatus struct {
	Version int       `json:"version"`
	Status  string    `json:"status"` // rolling, done or failed
	Reason  string    `json:"reason,omitempty"`
	Updated int       `json:"updated"`
	Old     int       `json:"old"` // still to be replaced
	Began   time.Time `json:"began"`
}

// InstanceStatus is one instance.
type InstanceStatus struct {
	ID              string `json:"id"`
	Group           string `json:"group"`
	Zone            string `json:"zone"`
	Address         string `json:"address"`
	State           string `json:"state"`
	Health          string `json:"health"` // what the balancer says: initial, healthy, unhealthy, draining, unused
	Reason          string `json:"reason,omitempty"`
	PID             int    `json:"pid"`           // of its init process; 0 while it has none
	Own             string `json:"own,omitempty"` // what it says of its own health, where its group asks it
	TemplateVersion int    `json:"templateVersion"`
	Launched        int64  `json:"launched"` // Unix time
	Console         string `json:"console"`  // path of the console log
}

// BalancerStatus is one listener of a load balancer.
type BalancerStatus struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"` // host:port
	Layer   int    `json:"layer"`   // 7 counts requests, 4 connections
	Targets int    `json:"targets"`
	Healthy int    `json:"healthy"`
	// Check is what its targets are asked, as declared.
	Check CheckStatus `json:"check"`
}

// CheckStatus is how often and how long targets are asked. Times are nanoseconds.
type CheckStatus struct {
	Interval  time.Duration `json:"interval"`
	Timeout   time.Duration `json:"timeout"`
	Threshold int           `json:"threshold"` // failures in a row that make a target unhealthy
}

// DatabaseStatus is a database and its servers.
type DatabaseStatus struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Endpoint       string `json:"endpoint"` // host:port
	DeclaredMajor  int    `json:"declaredMajor"`
	RunningVersion string `json:"runningVersion"`
	// Detection is how long a failure of the primary goes unnoticed, and the
	// endpoint's new address unknown, in nanoseconds of real time.
	Detection time.Duration  `json:"detection"`
	Servers   []ServerStatus `json:"servers"` // the primary first
	Error     string         `json:"error,omitempty"`

	// Failover is the phase of one that is under way: fencing, promoting,
	// moving or, while writes are accepted again, rebuilding.
	Failover string `json:"failover,omitempty"`
	// Outage says why writes are not accepted, when no failover under way will
	// change that.
	Outage string `json:"outage,omitempty"`
}

// ServerStatus is one PostgreSQL server.
type ServerStatus struct {
	Role string `json:"role"` // primary or standby
	Zone string `json:"zone"`
	PID  int    `json:"pid"`
	Sync string `json:"sync"` // of the standby, as the primary sees it: sync, async, …
	// Lag is the time in milliseconds that a standby takes to replay a commit,
	// 0 of an idle one; nil of a primary, and of a standby that does not
	// replicate.
	Lag *float64 `json:"lag,omitempty"`
}
