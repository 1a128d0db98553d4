package world

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// FaultKind is something that can be broken on purpose.
type FaultKind struct {
	Name   string
	Action string // what AWS Fault Injection Service calls it; empty where it has none
	Target string // what it is aimed at: "instance", "zone" or "database"
	Lasts  bool   // false: it happens once, and there is nothing to undo
	About  string // one line
}

// The kinds of faults.
const (
	InstanceKill    = "instance-kill"
	InstanceHang    = "instance-hang"
	CPUStress       = "cpu-stress"
	ZoneDown        = "zone-down"
	ZoneHang        = "zone-hang"
	LaunchFailures  = "launch-failures"
	AdminDown       = "admin-down"
	PortBlocked     = "port-blocked"
	DatabaseBlocked = "database-blocked"

	DatabasePrimaryKill = "database-primary-kill"
	DatabasePrimaryHang = "database-primary-hang"
	DatabaseStandbyKill = "database-standby-kill"
	DatabaseStandbyHang = "database-standby-hang"
	DatabaseFailover    = "database-failover"
)

// disrupt is the action that puts network ACLs in the way of subnets.
const disrupt = "aws:network:disrupt-connectivity"

// FaultKinds are all of them. Zone down is what the scenario AZ Availability:
// Power Interruption does to instances, and to a database's server there.
var FaultKinds = []FaultKind{
	{InstanceKill, "aws:ec2:terminate-instances", "instance", false, "End every process of an instance at once"},
	{InstanceHang, "", "instance", true, "Stop every process of an instance where it stands; connections are taken and not answered"},
	{CPUStress, "aws:ssm:send-command/AWSFIS-Run-CPU-Stress", "instance", true, "Keep one core busy on an instance"},
	{ZoneDown, "aws:ec2:stop-instances", "zone", true, "End all instances and database servers of a zone, lead no packet into it and launch nothing there"},
	{ZoneHang, "", "zone", true, "Hang all instances and database servers of a zone, and launch nothing there"},
	{LaunchFailures, "aws:ec2:asg-insufficient-instance-capacity-error", "zone", true, "Let launches in a zone fail for want of capacity"},
	{PortBlocked, disrupt, "zone", true, "Let no balancer reach the instances in a zone"},
	{DatabaseBlocked, disrupt, "zone", true, "Let no instance in a zone reach a database"},
	{AdminDown, "", "instance", true, "Set an instance's admin state to down in its backend pools: no new connections, and those that are there go on"},
	{DatabasePrimaryKill, "", "database", false, "End every process of a database's primary at once"},
	{DatabasePrimaryHang, "", "database", true, "Stop every process of a database's primary where it stands"},
	{DatabaseStandbyKill, "", "database", false, "End every process of a database's standby at once"},
	{DatabaseStandbyHang, "", "database", true, "Stop every process of a database's standby where it stands"},
	{DatabaseFailover, "aws:rds:reboot-db-instances", "database", false, "Reboot a database with failover: its standby takes over"},
}

// Fault is one that is in force.
type Fault struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	Target string    `json:"target"` // an instance's id, or the name of a zone or a database
	Began  time.Time `json:"began"`
	Until  time.Time `json:"until"`
	// Applied is true once it need not be done again, for kinds that are done
	// once and not kept up.
	Applied bool `json:"applied,omitempty"`
}

// Bounds of how long a fault lasts.
const (
	MinFault = time.Second
	MaxFault = time.Hour
)

// Inject begins a fault, or has it happen. Its end is on disk before it has an
// effect, and comes whether or not anyone is there to ask for it. It lasts for
// real time: the time scale does not apply. A path that it blocks is blocked once
// Inject has returned; what it does to processes, the loop does.
func (w *World) Inject(kind, target string, lasting time.Duration) (Fault, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k, err := faultKind(kind)
	if err == nil {
		err = w.checkFault(k, target, lasting)
	}
	if err != nil {
		return Fault{}, err
	}
	w.state.Sequence++
	now := time.Now()
	f := Fault{ID: fmt.Sprintf("fault-%d", w.state.Sequence), Kind: k.Name, Target: target, Began: now, Until: now.Add(lasting)}
	w.state.Faults = append(w.state.Faults, f)
	if err := w.save(); err != nil {
		w.state.Faults = w.state.Faults[:len(w.state.Faults)-1]
		return Fault{}, err
	}
	w.event("fault", f.ID, "fault "+f.says()+" begins")
	w.planOpen()
	w.wake()
	return f, nil
}

func (f Fault) says() string { return f.Kind + " of " + f.Target }

func faultKind(name string) (FaultKind, error) {
	var found []FaultKind
	for _, k := range FaultKinds {
		if name == k.Name {
			return k, nil
		}
		if name != "" && name == k.Action {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return FaultKind{}, fmt.Errorf("there is no fault %q", name)
	case 1:
		return found[0], nil
	}
	return FaultKind{}, fmt.Errorf("the action %s is that of %s and of %s: name one of them", name, found[0].Name, found[1].Name)
}

func (w *World) checkFault(k FaultKind, target string, lasting time.Duration) error {
	if k.Lasts && (lasting < MinFault || lasting > MaxFault) {
		return fmt.Errorf("a fault lasts from %s to %s, not %s", MinFault, MaxFault, lasting)
	}
	switch {
	case k.Target == "zone" && !slices.Contains(w.declared.Zones, target):
		return fmt.Errorf("stack %s has no zone %q: its zones are %v", w.state.Stack, target, w.declared.Zones)
	case k.Target == "instance" && (w.state.Instances[target] == nil || w.gone(target)):
		return fmt.Errorf("stack %s has no running instance %q: `localcloud status` lists them", w.state.Stack, target)
	}
	if k.Name == AdminDown && !w.layer4() {
		return fmt.Errorf("the load balancers of stack %s have no admin state: it is for those that pass connections on", w.state.Stack)
	}
	if k.Target == "database" {
		if err := w.checkDatabaseFault(k, target); err != nil {
			return err
		}
	}
	for _, f := range w.state.Faults {
		if f.Kind == k.Name && f.Target == target {
			return fmt.Errorf("fault %s is in force already, as %s", f.says(), f.ID)
		}
	}
	return nil
}

// layer4 says whether a load balancer of the stack passes connections on.
func (w *World) layer4() bool {
	for _, b := range w.declared.Balancers {
		if b.Layer == 4 {
			return true
		}
	}
	return false
}

// Revert ends a fault before its time, by its id. "all" ends every one.
func (w *World) Revert(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(w.state.Faults), func(f Fault) bool { return f.ID == id || id == "all" })
	if len(left) == len(w.state.Faults) && id != "all" {
		return fmt.Errorf("stack %s has no fault %s in force", w.state.Stack, id)
	}
	return w.endFaults(left)
}

// endFaults leaves the given faults in force. Callers hold the lock.
func (w *World) endFaults(left []Fault) error {
	before := w.state.Faults
	w.state.Faults = left
	if err := w.save(); err != nil {
		w.state.Faults = before
		return errors.Join(errors.New("the faults are still in force"), err)
	}
	for _, f := range before {
		if !slices.ContainsFunc(left, func(l Fault) bool { return l.ID == f.ID }) {
			w.event("fault", f.ID, "fault "+f.says()+" ends")
			if f.Kind == CPUStress {
				w.unstress(f.Target)
			}
		}
	}
	w.unhangServers()
	w.wake()
	return nil
}
