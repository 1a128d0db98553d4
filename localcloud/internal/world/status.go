package world

// Status is what people and drills see of a world.
type Status struct {
	Stack     string           `json:"stack"`
	Number    int              `json:"number"`
	Region    string           `json:"region"`
	Zones     []ZoneStatus     `json:"zones"`
	Groups    []GroupStatus    `json:"groups"`
	Instances []InstanceStatus `json:"instances"`
	Balancers []BalancerStatus `json:"balancers"`
	Databases []DatabaseStatus `json:"databases"`
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
	PID             int    `json:"pid"` // of its init process; 0 while it has none
	TemplateVersion int    `json:"templateVersion"`
	Console         string `json:"console"` // path of the console log
}

// BalancerStatus is one listener of a load balancer.
type BalancerStatus struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"` // host:port
	Targets int    `json:"targets"`
	Healthy int    `json:"healthy"`
}

// DatabaseStatus is a database and its servers.
type DatabaseStatus struct {
	ID             string         `json:"id"`
	Name           string         `json:"name"`
	Endpoint       string         `json:"endpoint"` // host:port
	DeclaredMajor  int            `json:"declaredMajor"`
	RunningVersion string         `json:"runningVersion"`
	Servers        []ServerStatus `json:"servers"`
	Error          string         `json:"error,omitempty"`
}

// ServerStatus is one PostgreSQL server.
type ServerStatus struct {
	Role string `json:"role"` // primary or standby
	Zone string `json:"zone"`
	PID  int    `json:"pid"`
	Sync string `json:"sync"` // of the standby, as the primary sees it: sync, async, …
}
