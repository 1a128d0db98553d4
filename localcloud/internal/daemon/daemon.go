// Package daemon runs worlds, one for each stack, and answers for them: to
// the Pulumi engine on a port of 127.0.0.1, to the commands of localcloud on a
// unix socket in the state folder.
//
// One daemon has one state folder. Stopping it, or killing it, stops no
// instance and no database server: the next daemon on the folder adopts them.
// What it leaves out is every decision about a world: see package world.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// Config is what a daemon is started with.
type Config struct {
	Folder  Folder
	Tables  []provider.Table // one for each of Providers
	World   world.Options
	Log     *slog.Logger
	Version string
}

// Daemon is a running daemon.
type Daemon struct {
	cfg  Config
	stop context.CancelFunc

	mu     sync.Mutex
	run    context.Context //nolint:containedctx // worlds are opened by requests and outlive them
	group  *errgroup.Group
	worlds map[string]*world.World
}

// Run serves until ctx ends or a client asks for the stop. ready is called
// once, when everything answers.
func Run(ctx context.Context, cfg Config, ready func()) error {
	if err := cfg.Folder.Prepare(); err != nil {
		return err
	}
	lock, err := cfg.Folder.Lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	d := &Daemon{cfg: cfg, stop: stop, run: ctx, group: group, worlds: map[string]*world.World{}}
	if err := d.start(ctx, ready); err != nil {
		stop()
		return errors.Join(err, group.Wait())
	}
	return group.Wait()
}

func (d *Daemon) start(ctx context.Context, ready func()) error {
	if _, err := d.cfg.Folder.secret("pulumi", "passphrase"); err != nil {
		return err
	}
	if err := d.openAll(); err != nil {
		return err
	}
	control, err := d.listenControl()
	if err != nil {
		return err
	}
	d.group.Go(func() error { return d.serveControl(ctx, control) })
	for _, table := range d.cfg.Tables {
		if err := d.serveEngine(ctx, table); err != nil {
			return err
		}
	}
	if err := d.serveConsole(ctx); err != nil {
		return err
	}
	d.cfg.Log.Info("daemon is ready", "state", string(d.cfg.Folder))
	ready()
	return nil
}

// openAll brings every world of the state folder back.
func (d *Daemon) openAll() error {
	entries, err := os.ReadDir(d.cfg.Folder.Worlds())
	if err != nil {
		return fmt.Errorf("list worlds: %w", err)
	}
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(d.cfg.Folder.Worlds(), entry.Name(), world.StateFile)); errors.Is(err, fs.ErrNotExist) {
			continue // a world that was killed while it was being made
		}
		if _, err := d.Open(d.run, entry.Name()); err != nil {
			return err
		}
	}
	return nil
}

// Open answers the world of a stack and makes it where there is none.
func (d *Daemon) Open(_ context.Context, stack string) (*world.World, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w, ok := d.worlds[stack]; ok {
		return w, nil
	}
	w, err := world.Open(d.cfg.World, filepath.Join(d.cfg.Folder.Worlds(), stack), stack)
	if err != nil {
		return nil, fmt.Errorf("open world of stack %s: %w", stack, err)
	}
	d.worlds[stack] = w
	d.group.Go(func() error { return w.Run(d.run) })
	return w, nil
}

// serveEngine answers the engine as one provider.
func (d *Daemon) serveEngine(ctx context.Context, table provider.Table) error {
	l, err := d.cfg.Folder.listen(table.Name)
	if err != nil {
		return err
	}
	server := &provider.Server{
		Table: table, Log: d.cfg.Log, StoreBlob: d.cfg.Folder.StoreBlob,
		Open: func(ctx context.Context, stack string) (provider.World, error) { return d.Open(ctx, stack) },
	}
	d.group.Go(func() error { return server.Serve(ctx, l) })
	return nil
}

// idle says whether no world declares anything.
func (d *Daemon) idle() bool { return len(d.up()) == 0 }
