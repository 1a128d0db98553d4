package postgres

import (
	"context"
	"time"
)

// observe looks at the processes and asks the primary, but for a failover,
// which does not depend on its answer. A primary that dies or goes quiet fails
// from here on, until it answers again.
func (p *Pair) observe(ctx context.Context) observation {
	began := time.Now()
	state := p.State()
	o := p.glance(state)
	if o.primaryAlive && !state.Failover.Phase.unfinished() {
		standby, _ := state.Standby()
		p.hear(ctx, state, p.ask(ctx, standby.Name, &o))
	}
	if !o.primaryAlive {
		p.setReady(false)
		o.ready = false
	}
	switch {
	case !o.failed():
		p.memory.failing = time.Time{}
	case p.memory.failing.IsZero() && ctx.Err() == nil:
		p.memory.failing = began
		p.wakeIn(p.host.Timing.Detection)
	}
	switch {
	case o.streaming:
		p.memory.unlinked, p.memory.starts = time.Time{}, 0
	case p.memory.unlinked.IsZero() && o.answered:
		p.memory.unlinked = time.Now()
	}
	o.failing, o.unlinked, o.starts = p.memory.failing, p.memory.unlinked, p.memory.starts
	return o
}

// glance is what is seen without asking a server.
func (p *Pair) glance(state State) observation {
	primary, _ := state.server(state.Primary)
	standby, exists := state.Standby()
	return observation{
		phase:        state.Failover.Phase,
		entered:      state.Failover.Since,
		timing:       p.host.Timing,
		primaryAlive: primary.Process.Alive(),
		primaryStays: p.barred(primary.Zone) || !p.layout(primary.Name).complete(),
		ready:        p.isReady(),
		wanted:       state.Spec.Standby,
		exists:       exists,
		standbyAlive: exists && standby.Process.Alive(),
		standbyStays: exists && p.barred(standby.Zone),
		homeless:     state.Spec.zoneFor(primary.Zone, standby.Zone, p.barred) == "",
		hollow:       exists && (standby.Stale || !p.layout(standby.Name).complete()),
		synced:       state.Synced,
		outdated:     exists && primary.Config == digest(state.Spec) && standby.Config != primary.Config,
	}
}

// hear notes whether the primary answered, and logs when that changes.
func (p *Pair) hear(ctx context.Context, state State, err error) {
	silent := err != nil
	if silent == p.memory.silent || ctx.Err() != nil {
		return
	}
	p.memory.silent = silent
	p.host.Log.Warn("primary's answer changed", "database", state.Spec.Folder, "answers", !silent, "error", err)
}

const askPrimary = `select current_setting('synchronous_standby_names') <> '',
	coalesce((select bool_or(state = 'streaming') from pg_stat_replication where application_name = $1), false),
	coalesce((select bool_or(sync_state = 'sync') from pg_stat_replication where application_name = $1), false),
	not exists (select from pg_replication_slots where slot_name = $1 and wal_status is distinct from 'lost')`

// ask fills in what the primary knows. It connects anew each time: a server
// that no longer takes connections would still answer on an old one.
func (p *Pair) ask(ctx context.Context, standby string, o *observation) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	state := p.State()
	conn, err := connect(ctx, p.layout(state.Primary), state.Spec.Superuser, "postgres")
	p.disconnect()
	if err != nil {
		return err
	}
	p.control = conn
	err = conn.QueryRow(ctx, askPrimary, standby).Scan(&o.named, &o.streaming, &o.inSync, &o.slotLost)
	if err != nil {
		p.disconnect()
		return err
	}
	o.answered = true
	return nil
}
