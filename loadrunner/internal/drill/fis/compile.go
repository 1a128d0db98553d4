package fis

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"orchard/loadrunner/internal/drill"
)

// None are the drills that have no action in the service, and why.
var None = map[string]string{
	"instance-hang": "no action stops the processes of an instance and leaves it there",
	"zone-hang":     "no action stops the processes of a zone's instances and leaves them there",
	"database-kill": "a primary ends by a reboot with failover only: see database-failover",
	"standby-loss":  "no action reaches the standby of a Multi-AZ instance",
	"good-release":  "a release is no fault: it is rolled out by the program",
	"bad-release":   "a release is no fault: it is rolled out by the program",
	"spike":         "load is sent by the load runner",
}

// step is an action of a fault, and the target that it hits.
type step struct {
	id, name    string
	key, target string // the name of the target in the action, and here
	parameters  func(duration string) map[string]string
}

func fixed(pairs ...string) func(string) map[string]string {
	return func(duration string) map[string]string {
		m := map[string]string{}
		for n := 0; n+1 < len(pairs); n += 2 {
			m[pairs[n]] = pairs[n+1]
			if pairs[n+1] == "duration" {
				m[pairs[n]] = duration
			}
		}
		return m
	}
}

// noCapacity lets launches in the zone fail.
var noCapacity = step{
	"aws:ec2:asg-insufficient-instance-capacity-error", "no-capacity", "AutoScalingGroups", "groups",
	fixed("duration", "duration", "availabilityZoneIdentifiers", "${zone}", "percentage", "100"),
}

// disconnect puts network ACLs in the way of the zone's subnets.
var disconnect = step{
	"aws:network:disrupt-connectivity", "disconnect", "Subnets", "zone-subnets",
	fixed("duration", "duration", "scope", "all"),
}

var failover = step{"aws:rds:reboot-db-instances", "failover", "DBInstances", "database", fixed("forceFailover", "true")}

// steps are the actions of each kind of fault. A zone that is down is the scenario AZ
// Availability: Power Interruption, as far as it is about what a stack has.
var steps = map[string][]step{
	"instance-kill":     {{"aws:ec2:terminate-instances", "terminate", "Instances", "one-instance", fixed()}},
	"launch-failures":   {noCapacity},
	"port-blocked":      {disconnect},
	"database-failover": {failover},
	"zone-down": {
		{"aws:ec2:stop-instances", "stop", "Instances", "zone-instances", fixed("startInstancesAfterDuration", "duration", "completeIfInstancesTerminated", "true")},
		noCapacity, disconnect, failover,
	},
}

// Compile returns the template of a drill. It is an error when the drill has a fault
// without an action.
func Compile(f drill.File) (Template, error) {
	t := Template{
		Description: f.Drill + ": " + f.About, Targets: map[string]Target{}, Actions: map[string]Action{},
		StopConditions: []StopCondition{{"aws:cloudwatch:alarm", "${alarm}"}},
		RoleARN:        "${role}", Tags: map[string]string{"Name": "${stack}-" + f.Drill},
	}
	if why, none := None[f.Drill]; none {
		return t, fmt.Errorf("compile drill %s: %s", f.Drill, why)
	}
	for _, fault := range f.Faults {
		if len(steps[fault.Kind]) == 0 {
			return t, fmt.Errorf("compile drill %s: %s has no action in Fault Injection Service", f.Drill, fault.Kind)
		}
		after := t.wait(time.Duration(fault.At))
		for _, s := range steps[fault.Kind] {
			t.add(s, fault, after)
		}
	}
	return t, nil
}

// wait adds what lets a later fault wait for its time.
func (t *Template) wait(at time.Duration) []string {
	if at == 0 {
		return nil
	}
	name := "wait-" + minutes(at)
	t.Actions[name] = Action{ActionID: "aws:fis:wait", Parameters: map[string]string{"duration": minutes(at)}}
	return []string{name}
}

func (t *Template) add(s step, fault drill.Fault, after []string) {
	if fault.Target == "an instance in the failed zone" {
		s.target = "zone-instance"
	}
	t.Targets[s.target] = targets[s.target]
	t.Actions[s.name] = Action{
		ActionID: s.id, Parameters: s.parameters(minutes(time.Duration(fault.For))),
		Targets: map[string]string{s.key: s.target}, StartAfter: after,
	}
}

// minutes writes a duration as the service takes it: at least one minute, and whole ones.
func minutes(d time.Duration) string {
	return fmt.Sprintf("PT%dM", max(1, int(math.Ceil(d.Minutes()))))
}

// JSON writes a template.
func (t Template) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write template: %w", err)
	}
	return append(text, '\n'), nil
}
