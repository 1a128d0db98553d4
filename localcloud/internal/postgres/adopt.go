package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Adopt takes over the database that state describes. Servers that run are
// verified and left alone. Where none runs the primary is started, and this
// returns when it accepts connections; all else is Run's concern: a standby
// that does not run, a primary that does not answer, a failover under way.
func Adopt(ctx context.Context, host Host, state State) (*Pair, error) {
	if !state.Created {
		return nil, fmt.Errorf("adopt database: %w: create it again", ErrNotCreated)
	}
	install, err := usable(ctx, state.Install, host.Install)
	if err != nil {
		return nil, fmt.Errorf("adopt database: %w", err)
	}
	state = state.clone()
	state.Install = install
	p := newPair(host, state)
	p.op.Lock()
	defer p.op.Unlock()
	if err := p.adoptStandby(ctx); err != nil {
		host.Log.Warn("standby not adopted", "database", state.Spec.Folder, "error", err)
	}
	if err := p.adoptPrimary(ctx); err != nil {
		p.disconnect()
		return nil, fmt.Errorf("adopt database: %w", err)
	}
	return p, nil
}

// adoptPrimary takes over a primary that runs, as soon as it answers one look.
func (p *Pair) adoptPrimary(ctx context.Context) error {
	state := p.State()
	primary, _ := state.server(state.Primary)
	files := p.layout(primary.Name)
	process, running := findRunning(primary.Process, files.data(), p.host.Account.UID)
	if running {
		primary.Process = process
		if err := p.record(primary); err != nil {
			return err
		}
	}
	o := p.observe(ctx)
	switch {
	case o.phase.unfinished(), !o.answered && (running || o.promotable()):
		return nil
	case !files.complete() && !o.recoverable():
		return fmt.Errorf("the primary's folder %s is not there", files.data())
	case !running && o.primaryStays:
		return nil
	}
	return p.startPrimary(ctx)
}

// usable is the recorded installation, else another of the same major
// version: a data folder belongs to one.
func usable(ctx context.Context, recorded, other Install) (Install, error) {
	found, err := inspect(ctx, recorded.Bin)
	if err == nil && found.Major == recorded.Major {
		return found, nil
	}
	if other.Major == recorded.Major {
		return other, nil
	}
	return Install{}, fmt.Errorf("the data was made by PostgreSQL %d in %s, which is gone, and %s is version %d: install version %d again",
		recorded.Major, recorded.Bin, other.Bin, other.Major, recorded.Major)
}

// adoptStandby takes over a standby that runs. One that calls itself a primary
// is fenced, because the recorded role counts, unless it was being promoted.
func (p *Pair) adoptStandby(ctx context.Context) error {
	state := p.State()
	standby, ok := state.Standby()
	if !ok {
		return nil
	}
	files := p.layout(standby.Name)
	process, running := findRunning(standby.Process, files.data(), p.host.Account.UID)
	if !running {
		return nil // Run sees to it
	}
	if recovering, err := inRecovery(ctx, files, state.Spec.Superuser); err == nil && !recovering && state.Failover.Phase != Promoting {
		p.host.Log.Error("two primaries found, fencing the one recorded as standby", "server", standby.Name)
		return errors.Join(sweep(ctx, p.host.Account, process, files), os.RemoveAll(files.data()))
	}
	standby.Process = process
	return p.record(standby)
}

func inRecovery(ctx context.Context, files layout, superuser string) (recovering bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	conn, err := connect(ctx, files, superuser, "postgres")
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "select pg_is_in_recovery()").Scan(&recovering)
	return recovering, err
}
