package world

import (
	"cmp"
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/postgres"
)

// Status is a picture of the world now.
func (w *World) Status() Status {
	status, pairs := w.statusOfState()
	// The servers are asked without the lock: they take it to write down what
	// they do.
	for i, pair := range pairs {
		if pair != nil {
			fillServers(&status.Databases[i], pair)
		}
	}
	w.past.hear(lagsOf(status.Databases, time.Now()))
	return status
}

// statusOfState is what the world knows by itself, and the servers of each of
// its databases, in the same order.
func (w *World) statusOfState() (Status, []*postgres.Pair) {
	w.mu.Lock()
	defer w.mu.Unlock()
	databases, pairs := w.databaseStatus()
	return Status{
		Stack: w.state.Stack, Number: w.state.Number, Cloud: w.state.Cloud, Region: w.declared.Region,
		Zones: w.zoneStatus(), Groups: w.groupStatus(), Instances: w.instanceStatus(),
		Balancers: w.balancerStatus(), Databases: databases, Faults: append([]Fault{}, w.state.Faults...),
		Problems: w.problems(time.Now()),
	}, pairs
}

func (w *World) zoneStatus() []ZoneStatus {
	out := []ZoneStatus{}
	for _, name := range w.declared.Zones {
		z := ZoneStatus{Name: name}
		for _, i := range w.state.Instances {
			if i.Zone == name {
				z.Instances++
				if w.healthy(w.declared.Groups[i.Group], i) {
					z.Healthy++
				}
			}
		}
		out = append(out, z)
	}
	return out
}

func (w *World) groupStatus() []GroupStatus {
	out := []GroupStatus{}
	for _, id := range slices.Sorted(maps.Keys(w.declared.Groups)) {
		g := w.declared.Groups[id]
		out = append(out, GroupStatus{
			ID: id, Name: g.Name, Min: g.Min, Desired: w.state.Desired[id], Max: g.Max,
			Healthy: w.healthyIn(g), TemplateVersion: g.TemplateVersion,
			Load: w.loadStatus(id), Alarms: w.alarmStatus(id), Rollout: w.rolloutStatus(id), RepairsSuspended: w.repairsSuspended(g),
		})
	}
	return out
}

func (w *World) loadStatus(group string) *LoadStatus {
	readings := w.actual.metrics.readings[group]
	if len(readings) == 0 {
		return nil
	}
	last := readings[len(readings)-1]
	return &LoadStatus{End: last.end, CPU: mean(last.cpu), Requests: last.requests}
}

func (w *World) alarmStatus(group string) []AlarmStatus {
	var out []AlarmStatus
	for _, a := range w.actual.alarms[group] {
		out = append(out, AlarmStatus{Policy: a.Policy, High: string(a.High), Low: string(a.Low)})
	}
	return out
}

func (w *World) rolloutStatus(group string) *RolloutStatus {
	p := w.state.Rollouts[group]
	if p == nil {
		return nil
	}
	return &RolloutStatus{
		Version: p.Version, Status: string(p.Status), Reason: p.Reason, Updated: p.Updated, Old: p.Old, Began: p.Began,
	}
}

func (w *World) instanceStatus() []InstanceStatus {
	out := []InstanceStatus{}
	for _, i := range w.state.Instances {
		s := InstanceStatus{
			ID: i.ID, Group: w.declared.Groups[i.Group].Name, Zone: i.Zone, Address: i.Address,
			State: string(i.State), Health: string(worst(i.Health)), Reason: i.Reason, Own: string(i.Own),
			TemplateVersion: i.TemplateVersion, Launched: i.Launched.Unix(), Console: w.consolePath(i.ID),
		}
		if i.Process != nil {
			s.PID = i.Process.PID
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b InstanceStatus) int {
		return cmp.Or(cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// worst is the state that counts of an instance in several pools.
func worst(states map[string]health.State) health.State {
	for _, s := range []health.State{health.Unhealthy, health.Draining, health.Initial, health.Healthy} {
		for _, have := range states {
			if have == s {
				return s
			}
		}
	}
	return health.Unused
}

func (w *World) balancerStatus() []BalancerStatus {
	out := []BalancerStatus{}
	for _, id := range slices.Sorted(maps.Keys(w.declared.Balancers)) {
		b := w.declared.Balancers[id]
		for _, l := range b.Listeners {
			check := w.declared.Pools[l.Pool].Check
			s := BalancerStatus{
				ID: l.ID, Name: b.Name, Address: net.JoinHostPort(b.Address, strconv.Itoa(l.Port)), Layer: b.Layer,
				Check: CheckStatus{Interval: check.Interval, Timeout: check.Timeout, Threshold: check.Unhealthy},
			}
			for _, i := range w.state.Instances {
				if state, ok := i.Health[l.Pool]; ok && state != health.Draining {
					s.Targets++
					if state == health.Healthy {
						s.Healthy++
					}
				}
			}
			out = append(out, s)
		}
	}
	return out
}

func (w *World) databaseStatus() ([]DatabaseStatus, []*postgres.Pair) {
	out := []DatabaseStatus{}
	var pairs []*postgres.Pair
	for _, id := range slices.Sorted(maps.Keys(w.declared.Databases)) {
		db := w.declared.Databases[id]
		s := DatabaseStatus{
			ID: id, Name: db.Name, Endpoint: net.JoinHostPort(db.Address, strconv.Itoa(db.Port)),
			DeclaredMajor: db.Major, Servers: []ServerStatus{},
		}
		if server := w.state.Databases[id]; server != nil {
			s.Error = server.Error
		}
		var pair *postgres.Pair
		if running := w.actual.databases[id]; running != nil {
			pair = running.pair
			timing := w.databaseTiming()
			s.Detection = timing.Detection + timing.Address
		}
		out, pairs = append(out, s), append(pairs, pair)
	}
	return out, pairs
}

func fillServers(out *DatabaseStatus, pair *postgres.Pair) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	status := pair.Status(ctx)
	out.RunningVersion = status.Version
	out.Failover, out.Outage = string(status.Failover.Phase), status.Outage
	for _, s := range status.Servers {
		server := ServerStatus{Role: s.Role, Zone: s.Zone, PID: s.PID, Sync: s.SyncState}
		if s.SyncState != "" {
			lag := float64(s.Lag.Microseconds()) / 1000
			server.Lag = &lag
		}
		out.Servers = append(out.Servers, server)
	}
}
