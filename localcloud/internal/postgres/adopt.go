package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Adopt takes over the database that state describes. Servers that run are
// verified and left alone; others are started from their folders. It returns
// when the primary accepts connections; the standby is Run's concern.
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
	if _, err := os.Stat(p.layout(state.Primary).data()); err != nil {
		return nil, fmt.Errorf("adopt database: the primary's folder is not there: %w", err)
	}
	p.op.Lock()
	defer p.op.Unlock()
	if err := p.startPrimary(ctx); err != nil {
		p.disconnect()
		return nil, fmt.Errorf("adopt database: %w", err)
	}
	if err := p.adoptStandby(ctx); err != nil {
		host.Log.Warn("standby not adopted", "database", state.Spec.Folder, "error", err)
	}
	return p, nil
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

// adoptStandby starts the standby where it does not run. One that calls
// itself a primary is fenced: the recorded role counts.
func (p *Pair) adoptStandby(ctx context.Context) error {
	state := p.State()
	standby, ok := state.standby()
	if !ok {
		return nil
	}
	files := p.layout(standby.Name)
	process, running := findRunning(standby.Process, files.data(), p.host.Account.UID)
	if !running {
		if !files.complete() {
			return nil // Run builds it anew
		}
		_, err := p.start(ctx, standby.Name)
		return err
	}
	if recovering, err := inRecovery(ctx, files, state.Spec.Superuser); err == nil && !recovering {
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
