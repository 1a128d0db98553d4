package control

import (
	"slices"
	"time"
)

// Report is what a daemon says of itself.
type Report struct {
	TimeScale float64 `json:"timeScale"`
	Worlds    []World `json:"worlds"`
}

// World is a stack that is up: what it declares, beside what runs of it.
type World struct {
	Stack     string     `json:"stack"`
	Cloud     string     `json:"cloud"`
	Groups    []Group    `json:"groups"`
	Instances []Instance `json:"instances"`
	Zones     []Zone     `json:"zones"`
	Balancers []Balancer `json:"balancers"`
	Databases []Database `json:"databases"`
	Faults    []Fault    `json:"faults"` // in force
}

// Group is a scaling group.
type Group struct {
	Name    string   `json:"name"`
	Min     int      `json:"min"`
	Desired int      `json:"desired"`
	Max     int      `json:"max"`
	Healthy int      `json:"healthy"`
	Rollout *Rollout `json:"rollout"`
}

// Rollout is the one under way, or the last.
type Rollout struct {
	Version int    `json:"version"`
	Status  string `json:"status"` // rolling, done or failed
}

// Instance is one instance.
type Instance struct {
	ID     string `json:"id"`
	Zone   string `json:"zone"`
	State  string `json:"state"`
	Health string `json:"health"` // what the balancer says
	PID    int    `json:"pid"`
}

// Serves says whether the instance is in service and healthy.
func (i Instance) Serves() bool { return i.State == "in service" && i.Health == "healthy" }

// Zone counts the instances of a zone.
type Zone struct {
	Name    string `json:"name"`
	Healthy int    `json:"healthy"`
}

// Balancer is a listener of a load balancer.
type Balancer struct {
	Check Check `json:"check"`
}

// Check is how targets are checked, as the program declared it.
type Check struct {
	Interval  time.Duration `json:"interval"`
	Timeout   time.Duration `json:"timeout"`
	Threshold int           `json:"threshold"`
}

// Database is a database and its servers, the primary first.
type Database struct {
	Name      string        `json:"name"`
	Detection time.Duration `json:"detection"`
	Servers   []Server      `json:"servers"`
	Error     string        `json:"error"`
	Failover  string        `json:"failover"`
	Outage    string        `json:"outage"`
}

// Server is a PostgreSQL server.
type Server struct {
	Role string `json:"role"`
	Zone string `json:"zone"`
	PID  int    `json:"pid"`
	Sync string `json:"sync"`
}

// Server returns the server in a role, and false where there is none.
func (d Database) Server(role string) (Server, bool) {
	i := slices.IndexFunc(d.Servers, func(s Server) bool { return s.Role == role })
	if i < 0 {
		return Server{}, false
	}
	return d.Servers[i], true
}

// Fault is one that is in force.
type Fault struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	Target string    `json:"target"`
	Until  time.Time `json:"until"`
}
