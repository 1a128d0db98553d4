package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// Scenario is a file: a service, the load on it, what befalls it, and what
// must hold. All times count from its beginning.
type Scenario struct {
	About    string
	Length   time.Duration // up to a day
	Topology string        // "regional": one group over all zones; "zonal": a group in each
	Zones    []string
	Instance Instance
	Check    Check
	Balancer Balancer
	Group    Group // every group is declared so
	Load     []Load
	Events   []Event
	Assert   []string

	assertions []assertion
}

// The topologies.
const (
	regional = "regional"
	zonal    = "zonal"
)

// Instance is what every instance does.
type Instance struct {
	Boot     time.Duration // from launch into service
	Capacity float64       // requests/s that keep its processor wholly busy
	Drain    time.Duration // deregistration delay
}

// Check is how targets are asked for their health.
type Check struct {
	Interval  time.Duration
	Timeout   time.Duration // at most the interval
	Healthy   int           // passes in a row
	Unhealthy int           // failures in a row
	// Inside is true when the instance is asked from within itself: one that
	// hangs, or whose zone is down, then reports nothing and is not replaced.
	Inside bool
}

// Balancer is how requests reach targets.
type Balancer struct {
	OwnZoneOnly bool `yaml:"own zone only"` // cross-zone is off: each zone with a healthy target gets an equal part
	FailOpen    bool `yaml:"fail open"`     // requests go to all targets when none is healthy
}

// Group is one scaling group.
type Group struct {
	Min, Max     int
	Desired      int  // at the beginning; 0: min
	BalancedOnly bool `yaml:"balanced only"` // wait for a zone that cannot launch
	Rebalance    bool
	Grace        time.Duration
	Warmup       time.Duration
	Period       time.Duration // of a metric's samples
	Policies     []Policy
	Rules        []Rule
	Look         time.Duration // between two looks at the rules
	Default      int           // desired where the rules' metrics are missing
	Repairs      *Repairs
	Maintenance  Bounds   // of the replacement of unhealthy instances; none: terminate and launch
	Rollout      *Rollout // of a new release; none: only new instances have it
}

// Bounds are per cent of desired: that stay ready, that may be there.
type Bounds struct{ Min, Max int }

// Rollout brings a new release to all instances. Shares are per cent.
type Rollout struct {
	Bounds               Bounds
	Warmup               time.Duration
	Stall                time.Duration
	Batch                int
	Pause                time.Duration
	MaxUnhealthy         int  `yaml:"max unhealthy"`
	MaxUnhealthyUpgraded int  `yaml:"max unhealthy upgraded"`
	UnhealthyFirst       bool `yaml:"unhealthy first"`
	CrossZone            bool `yaml:"cross zone"`
}

// Policy is a target tracking policy, with the alarms that a cloud gives it.
type Policy struct {
	Metric         string // "cpu" or "requests"
	Target         float64
	DisableScaleIn bool `yaml:"disable scale in"`
}

// Rule is a threshold rule.
type Rule struct {
	Metric    string // "cpu"
	Operator  string
	Threshold float64
	Window    time.Duration
	Change    int
	Rest      time.Duration
}

// Repairs limit the replacement of unhealthy instances.
type Repairs struct{ Share, Tries int }

// Load sets the rate of requests from a time on.
type Load struct {
	At    time.Duration
	Rate  float64       // requests/s
	Over  time.Duration // the rate is reached over this time, evenly
	Swing float64       // in the second half of each Every the rate is higher by this
	Every time.Duration
}

// Event is one thing that befalls the service.
type Event struct {
	At           time.Duration
	ZoneDown     string `yaml:"zone down"` // its instances answer nothing, and it launches none
	ZoneUp       string `yaml:"zone up"`
	LaunchesFail string `yaml:"launches fail"` // in this zone
	LaunchesWork string `yaml:"launches work"`
	Kill         string // the oldest instance in this zone is gone
	Release      string // "good" or "bad": a new launch template version; a bad one never passes a check
}

// Read reads a scenario file. Its error names everything that is wrong: keys
// that no scenario has, values out of range, zones and metrics that there are
// not.
func Read(text []byte) (Scenario, error) {
	s := Scenario{
		Topology: regional,
		Check:    Check{Interval: 5 * time.Second, Timeout: 5 * time.Second, Healthy: 2, Unhealthy: 2},
		Group:    Group{Period: time.Minute, Look: 30 * time.Second},
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	decodeErr := decoder.Decode(&s)
	var wrong *yaml.TypeError
	if decodeErr != nil && !errors.As(decodeErr, &wrong) {
		return Scenario{}, fmt.Errorf("read scenario: %w", decodeErr) // it is no YAML at all
	}
	if err := errors.Join(decodeErr, s.check()); err != nil {
		return Scenario{}, fmt.Errorf("read scenario: %w", err)
	}
	return s, nil
}
