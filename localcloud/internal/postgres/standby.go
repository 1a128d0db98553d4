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

func (p *Pair) launchStandby(ctx context.Context) error {
	standby, _ := p.State().standby()
	_, err := p.start(ctx, standby.Name)
	return err
}

func (p *Pair) restartStandby(ctx context.Context) error {
	standby, _ := p.State().standby()
	if err := stop(ctx, p.host.Account, standby.Process, p.layout(standby.Name)); err != nil {
		return err
	}
	return p.launchStandby(ctx)
}

// buildStandby makes a standby out of a base backup, in place of the one
// that may be there, and starts it.
func (p *Pair) buildStandby(ctx context.Context) error {
	if err := p.recordStandby(); err != nil {
		return err
	}
	state := p.State()
	standby, _ := state.standby()
	files := p.layout(standby.Name)
	if err := stop(ctx, p.host.Account, standby.Process, files); err != nil {
		return fmt.Errorf("stop old standby: %w", err)
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
	err := runProgram(ctx, state.Install, p.host.Account, files.incoming(), "pg_basebackup",
		"--pgdata="+files.incoming(), "--dbname="+source, "--slot="+standby.Name, "--wal-method=stream", "--checkpoint=fast")
	if err != nil {
		return fmt.Errorf("copy primary: %w", err)
	}
	if err := os.Rename(files.incoming(), files.data()); err != nil {
		return fmt.Errorf("copy primary: %w", err)
	}
	p.memory.unlinked, p.memory.starts = time.Now(), 0
	_, err = p.start(ctx, standby.Name)
	return err
}

// recordStandby puts the standby into the state, in a zone of its own.
func (p *Pair) recordStandby() error {
	state := p.State()
	if _, ok := state.standby(); ok {
		return nil
	}
	primary, _ := state.server(state.Primary)
	standby := Server{Name: otherName(primary.Name), Zone: state.Spec.otherZone(primary.Zone)}
	return p.change(func(s *State) { s.Servers = append(s.Servers, standby) })
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
	standby, _ := p.State().standby()
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
	})
}
