package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// suspend lets commits go on without the standby. That the standby misses
// commits is on disk first.
func (p *Pair) suspend() error {
	if err := p.change(func(s *State) { s.Synced = false }); err != nil {
		return err
	}
	state := p.State()
	primary, _ := state.server(state.Primary)
	if standby, ok := state.Standby(); ok && state.Spec.Standby {
		p.tell("standby %s in %s is lost: it is not promotable, and commits go on without it", standby.Name, standby.Zone)
	}
	return p.reload(state, primary)
}

// require makes commits wait for the standby from now on. It counts as
// synced only when the primary says so.
func (p *Pair) require() error {
	state := p.State()
	state.Synced = true // for the configuration alone
	primary, _ := state.server(state.Primary)
	return p.reload(state, primary)
}

// confirmTime bounds the wait for a standby that is about to be in sync.
const confirmTime = 10 * time.Second

// confirm records the standby as in sync, once it holds every commit that did
// not wait for it. That commits wait is decided by the checkpointer alone,
// which reads its configuration before it makes a checkpoint: all that is
// flushed before the checkpoint has ended is compared.
func (p *Pair) confirm(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, confirmTime)
	defer cancel()
	if _, err := p.control.Exec(ctx, "checkpoint"); err != nil {
		return fmt.Errorf("make checkpoint: %w", err)
	}
	var flushed string
	if err := p.control.QueryRow(ctx, "select pg_current_wal_flush_lsn()::text").Scan(&flushed); err != nil {
		return fmt.Errorf("ask for the end of the log: %w", err)
	}
	standby, _ := p.State().Standby()
	if err := p.awaitFlushed(ctx, standby.Name, flushed); err != nil {
		return err
	}
	err := p.change(func(s *State) { s.Synced, s.Failover = true, Failover{} })
	if err == nil {
		p.tell("standby %s in %s is in sync", standby.Name, standby.Zone)
	}
	return err
}

// awaitFlushed waits until the standby has written the log down as far as that.
func (p *Pair) awaitFlushed(ctx context.Context, standby, end string) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		var holds bool
		err := p.control.QueryRow(ctx, `select coalesce(bool_or(flush_lsn >= $2::pg_lsn), false)
			from pg_stat_replication where application_name = $1 and sync_state = 'sync'`, standby, end).Scan(&holds)
		if err != nil || holds {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for standby to hold %s: %w", end, ctx.Err())
		case <-ticker.C:
		}
	}
}

// readyTime is how long a standby may take to be asked something, when it was
// started in vain before.
const readyTime = 5 * time.Second

// launchStandby starts the standby from its folder. One that was started in
// vain too often must show that it runs; the error is its last words.
func (p *Pair) launchStandby(ctx context.Context) error {
	standby, _ := p.State().Standby()
	process, err := p.start(ctx, standby.Name)
	p.memory.starts++
	if err != nil || p.memory.starts <= maxStarts {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	conn, err := awaitReady(ctx, process, p.layout(standby.Name), p.State().Spec.Superuser)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (p *Pair) restartStandby(ctx context.Context) error {
	standby, _ := p.State().Standby()
	if err := stop(ctx, p.host.Account, standby.Process, p.layout(standby.Name)); err != nil {
		return err
	}
	return p.launchStandby(ctx)
}

// copyTime bounds a base backup, which would wait for ever for a primary that
// hangs.
const copyTime = 2 * time.Minute

// buildStandby makes a standby out of a base backup, in place of the one
// that may be there, and starts it.
func (p *Pair) buildStandby(ctx context.Context) error {
	if err := p.recordStandby(); err != nil {
		return err
	}
	state := p.State()
	standby, _ := state.Standby()
	files := p.layout(standby.Name)
	if err := sweep(ctx, p.host.Account, standby.Process, files); err != nil {
		return fmt.Errorf("end old standby: %w", err)
	}
	if err := errors.Join(os.RemoveAll(files.data()), os.RemoveAll(files.incoming()), p.makeFolders(files)); err != nil {
		return fmt.Errorf("empty standby's folder: %w", err)
	}
	if err := p.dropSlot(ctx, standby.Name); err != nil {
		return err
	}
	if _, err := p.control.Exec(ctx, "select pg_create_physical_replication_slot($1, true)", standby.Name); err != nil {
		return fmt.Errorf("create slot: %w", err)
	}
	source := connectionString(p.layout(state.Primary).run(), state.Spec.Superuser, "", "base backup")
	copying, cancel := context.WithTimeout(ctx, copyTime)
	defer cancel()
	err := runProgram(copying, state.Install, p.host.Account, files.incoming(), "pg_basebackup",
		"--pgdata="+files.incoming(), "--dbname="+source, "--slot="+standby.Name, "--wal-method=stream", "--checkpoint=fast")
	if err != nil {
		return fmt.Errorf("copy primary: %w", err)
	}
	if err := os.Rename(files.incoming(), files.data()); err != nil {
		return fmt.Errorf("copy primary: %w", err)
	}
	p.memory.unlinked, p.memory.starts = time.Now(), 0
	standby.Process, standby.Stale = Process{}, false
	if err := p.record(standby); err != nil {
		return err
	}
	_, err = p.start(ctx, standby.Name)
	return err
}

// recordStandby puts the standby into the state, in a zone of its own, as one
// that has nothing to be started from.
func (p *Pair) recordStandby() error {
	state := p.State()
	primary, _ := state.server(state.Primary)
	standby, ok := state.Standby()
	if !ok {
		standby.Name = otherName(primary.Name)
	}
	zone := state.Spec.zoneFor(primary.Zone, standby.Zone, p.barred)
	if zone == "" {
		return errors.New("no zone is left for a standby")
	}
	p.tell("standby %s is being built in %s", standby.Name, zone)
	standby.Zone, standby.Stale = zone, true
	return p.change(func(s *State) {
		s.Synced = false
		s.Servers = slices.DeleteFunc(s.Servers, func(server Server) bool { return server.Name == standby.Name })
		s.Servers = append(s.Servers, standby)
	})
}

// dropSlot drops a slot that may be there and may still be in use by the
// sender of a standby that was just killed.
func (p *Pair) dropSlot(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		var active bool
		err := p.control.QueryRow(ctx, `select coalesce(bool_or(active and pg_terminate_backend(active_pid)), false)
			from pg_replication_slots where slot_name = $1`, name).Scan(&active)
		if err != nil {
			return fmt.Errorf("free slot: %w", err)
		}
		if !active {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("free slot: %w", ctx.Err())
		case <-ticker.C:
		}
	}
	_, err := p.control.Exec(ctx, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1", name)
	if err != nil {
		return fmt.Errorf("drop slot: %w", err)
	}
	return nil
}

// removeStandby ends the standby and forgets it. Commits do not wait for it
// any more when this is decided.
func (p *Pair) removeStandby(ctx context.Context) error {
	standby, _ := p.State().Standby()
	files := p.layout(standby.Name)
	if err := stop(ctx, p.host.Account, standby.Process, files); err != nil {
		return fmt.Errorf("stop standby: %w", err)
	}
	if err := p.dropSlot(ctx, standby.Name); err != nil {
		return err
	}
	if err := os.RemoveAll(files.root); err != nil {
		return err
	}
	return p.change(func(s *State) {
		s.Servers = slices.DeleteFunc(s.Servers, func(server Server) bool { return server.Name == standby.Name })
		s.Failover = Failover{}
	})
}
