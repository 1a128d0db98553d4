package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// Host is the machine's part of a Pair.
type Host struct {
	Install Install // what Create uses; Adopt goes by State.Install
	Account Account
	// Save keeps a state on disk and returns when it is there. It is called
	// from one goroutine at a time. What it refuses is not done.
	Save func(State) error
	Log  *slog.Logger

	// Barred says that no server may run in a zone, because the zone is down;
	// nil where none ever is. It is asked at each look.
	Barred func(zone string) bool
	// Tell is given what people should know of the servers, as it happens: the
	// phases of a failover above all; nil for nobody.
	Tell   func(message string)
	Timing Timing
}

// Pair is a primary and, where asked for, a synchronous standby. Its methods
// may be called from several goroutines.
type Pair struct {
	host Host
	wake chan struct{} // something ended: look at once

	op      sync.Mutex // one change at a time
	control *pgx.Conn  // to the primary; guarded by op
	memory  memory     // of the control loop; guarded by op
	deleted bool       // guarded by op

	mu    sync.Mutex
	state State
	end   context.CancelFunc // of Run; nil while it does not run
	ready bool               // the primary has accepted a connection
	out   string             // why writes are not accepted; empty while they are
	moved chan struct{}      // closed when the primary is another or was restarted
}

// Errors that callers tell apart.
var (
	ErrNotCreated = errors.New("the database was never completely created")
	ErrNoPrimary  = errors.New("there is no primary at the moment")
	ErrDeleted    = errors.New("the database is deleted")
)

func newPair(host Host, state State) *Pair {
	return &Pair{host: host, state: state, wake: make(chan struct{}, 1), moved: make(chan struct{})}
}

// State returns what Save was last given.
func (p *Pair) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.clone()
}

// Primary returns the socket of the primary and a channel that is closed
// when connections made to it must be cut. The error is ErrNoPrimary while
// the primary is down.
func (p *Pair) Primary() (socket string, moved <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ready {
		return "", nil, ErrNoPrimary
	}
	return filepath.Join(layoutOf(p.state.Spec.Folder, p.state.Primary).run(), socketFile), p.moved, nil
}

// setReady opens and closes the way to the primary.
func (p *Pair) setReady(ready bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready && !ready {
		close(p.moved)
		p.moved = make(chan struct{})
	}
	p.ready = ready
}

func (p *Pair) isReady() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

// change saves a changed state, and takes it over when it is on disk.
func (p *Pair) change(edit func(*State)) error {
	next := p.State()
	edit(&next)
	if err := p.host.Save(next.clone()); err != nil {
		return fmt.Errorf("save database state: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = next
	return nil
}

// record saves that a server runs as it is described here.
func (p *Pair) record(server Server) error {
	return p.change(func(s *State) {
		for i := range s.Servers {
			if s.Servers[i].Name == server.Name {
				s.Servers[i] = server
			}
		}
	})
}

func (p *Pair) layout(name string) layout { return layoutOf(p.State().Spec.Folder, name) }

// start makes sure that the server runs and records its process: one that
// is found running is taken over, leftovers of a dead one are cleared.
func (p *Pair) start(ctx context.Context, name string) (Process, error) {
	state := p.State()
	server, _ := state.server(name)
	files := p.layout(name)
	if process, ok := findRunning(server.Process, files.data(), p.host.Account.UID); ok {
		server.Process = process
		return process, p.record(server)
	}
	if err := p.mayStart(state, server); err != nil {
		return Process{}, err
	}
	if err := sweep(ctx, p.host.Account, server.Process, files); err != nil {
		return Process{}, err
	}
	if err := p.writeFiles(state, server); err != nil {
		return Process{}, fmt.Errorf("write server's files: %w", err)
	}
	process, err := launch(state.Install, p.host.Account, files)
	if err != nil {
		return Process{}, err
	}
	server.Process, server.Config, server.MaxConnections = process, digest(state.Spec), maxConnections(state, server)
	return process, p.record(server)
}

// mayStart is the last word before a process starts, whatever was decided: a
// primary that is fenced and a former primary's folder are never started.
func (p *Pair) mayStart(state State, server Server) error {
	switch {
	case p.barred(server.Zone):
		return fmt.Errorf("zone %s is down", server.Zone)
	case server.Stale:
		return fmt.Errorf("server %s was a primary before a failover, and must be built anew", server.Name)
	case server.Name == state.Primary && state.Failover.serverless():
		return fmt.Errorf("server %s is fenced by a failover", server.Name)
	}
	return nil
}

func (p *Pair) barred(zone string) bool { return p.host.Barred != nil && p.host.Barred(zone) }

// writeFiles writes what decides how a server starts.
func (p *Pair) writeFiles(state State, server Server) error {
	files := layoutOf(state.Spec.Folder, server.Name)
	if server.Name != state.Primary {
		if err := p.mark(files); err != nil {
			return err
		}
	} else if err := os.Remove(files.trigger()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return errors.Join(
		p.host.Account.write(files.config(), configOf(state, server)),
		p.host.Account.write(filepath.Join(files.data(), "postgresql.auto.conf"), ""),
		p.host.Account.write(filepath.Join(files.data(), "pg_hba.conf"), hba))
}

// mark makes a folder a standby's: PostgreSQL itself starts no primary from
// it, whoever starts it.
func (p *Pair) mark(files layout) error { return p.host.Account.write(files.trigger(), "") }

// reload writes a running server's configuration anew and has it read.
func (p *Pair) reload(state State, server Server) error {
	err := p.host.Account.write(layoutOf(state.Spec.Folder, server.Name).config(), configOf(state, server))
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return server.Process.signal(unix.SIGHUP)
}

// recoveryTime bounds the start of a primary; replaying a checkpoint
// distance of 1 GB takes far less.
const recoveryTime = 5 * time.Minute

// startPrimary starts or takes over the primary and opens the way to it.
func (p *Pair) startPrimary(ctx context.Context) error {
	p.setReady(false)
	p.disconnect()
	ctx, cancel := context.WithTimeout(ctx, recoveryTime)
	defer cancel()
	state := p.State()
	process, err := p.start(ctx, state.Primary)
	if err != nil {
		return fmt.Errorf("start primary: %w", err)
	}
	conn, err := awaitReady(ctx, process, p.layout(state.Primary), state.Spec.Superuser)
	if err != nil {
		return fmt.Errorf("start primary: %w", err)
	}
	p.control = conn
	if err := p.verifyPrimary(ctx); err != nil {
		return err
	}
	p.setReady(true)
	return nil
}

// verifyPrimary asks the server itself who it is.
func (p *Pair) verifyPrimary(ctx context.Context) error {
	var system string
	var standby bool
	err := p.control.QueryRow(ctx, "select system_identifier::text, pg_is_in_recovery() from pg_control_system()").Scan(&system, &standby)
	state := p.State()
	switch {
	case err != nil:
		return fmt.Errorf("ask primary for its role: %w", err)
	case standby:
		return fmt.Errorf("server %s is recorded as the primary, but says that it is a standby", state.Primary)
	case state.System == "":
		return p.change(func(s *State) { s.System = system })
	case state.System != system:
		return fmt.Errorf("folder %s holds the database %s, not %s", state.Spec.Folder, system, state.System)
	}
	return nil
}

// disconnect gives up the connection to the primary without a good-bye: the
// other end may be dead, or hang.
func (p *Pair) disconnect() {
	if p.control == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.control.Close(ctx)
	p.control = nil
}

func (p *Pair) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// stopLoop has Run give up what it is doing and return.
func (p *Pair) stopLoop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != nil {
		p.end()
	}
}
