package world

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/postgres"
)

// StateFile is the name of the state file in a world's folder.
const StateFile = "world.json"

// Options are what all worlds of a daemon share.
type Options struct {
	Clouds     map[string]Cloud // by the provider's name
	TimeScale  float64          // the slow clocks run this many times faster; health checks never do
	Images     string           // folder for copies of Executable
	Executable string           // this program, which is an instance's init and commands
	Postgres   postgres.Install
	// DatabaseDetection is how long a database's primary may fail before its
	// standby takes over, in real time, and clients see that at once then; 0
	// takes what the cloud documents, over the time scale.
	DatabaseDetection time.Duration
	Authority         *authority.Authority
	Log               *slog.Logger
}

// World is one stack's world. Its methods may be called from anywhere.
type World struct {
	opts   Options
	folder string
	log    *slog.Logger
	events *events
	past   history
	kick   chan struct{} // wakes the loop

	mu       sync.Mutex
	state    *state
	unsaved  bool // the loop has changed the state and not yet written it
	declared Declared
	changed  chan struct{}   // closed and replaced when anything changed
	tasks    map[string]bool // keys of the tasks that are under way
	running  sync.WaitGroup
	ctx      context.Context //nolint:containedctx // of Run: tasks live as long as the loop
	actual   actual
}

// Open brings the world in folder back, or makes one for the stack. It adopts
// instances and database servers when Run begins.
func Open(opts Options, folder, stack string) (*World, error) {
	if err := os.MkdirAll(folder, 0o711); err != nil {
		return nil, fmt.Errorf("make world folder: %w", err)
	}
	path := filepath.Join(folder, StateFile)
	s, err := loadState(path)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = createState(folder, stack)
	}
	if err != nil {
		return nil, err
	}
	log, err := openEvents(folder)
	if err != nil {
		return nil, err
	}
	w := &World{
		opts: opts, folder: folder, state: s, events: log,
		log:     opts.Log.With("stack", stack),
		kick:    make(chan struct{}, 1),
		changed: make(chan struct{}),
		tasks:   map[string]bool{},
		actual:  newActual(),
	}
	w.declared, err = w.translate(s.Resources)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read world of stack %s: %w", stack, err), log.close())
	}
	return w, nil
}

func createState(folder, stack string) (*state, error) {
	number, err := claimNumber(ClaimsFolder, folder)
	if err != nil {
		return nil, err
	}
	s := newState(stack, number)
	return s, s.save(filepath.Join(folder, StateFile))
}

// translate asks the resources' cloud what they declare. A world is of one
// cloud: a resource of another is refused.
func (w *World) translate(resources []Resource) (Declared, error) {
	if len(resources) == 0 {
		return Declared{}, nil
	}
	name := resources[0].Cloud
	for _, r := range resources {
		if r.Cloud != name {
			return Declared{}, fmt.Errorf("stack %s holds resources of %s, and %s is of %s: use one stack for each cloud",
				w.state.Stack, name, r.URN, r.Cloud)
		}
	}
	cloud, ok := w.opts.Clouds[name]
	if !ok {
		return Declared{}, fmt.Errorf("cloud %s is not known here", name)
	}
	return cloud.Declare(slices.Clone(resources))
}

// cloud is the cloud of the world's resources, or of the last ones it had; nil
// in a world that never had any.
func (w *World) cloud() Cloud { return w.opts.Clouds[w.state.Cloud] }

// save writes the state; callers hold the lock. A world that cannot write must
// not go on promising, so the failure is returned to whoever asked.
func (w *World) save() error { return w.state.save(filepath.Join(w.folder, StateFile)) }

// wake tells the loop, and all who wait for a change, that there is one.
// Callers hold the lock.
func (w *World) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// Stack is the name of the stack.
func (w *World) Stack() string { return w.state.Stack }

// Number is the W of the world's addresses, 127.W.zone.host.
func (w *World) Number() int { return w.state.Number }

// Folder is where the world keeps its files.
func (w *World) Folder() string { return w.folder }

// Declared is what the program asks for now. It is shared: do not write to it.
func (w *World) Declared() Declared {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.declared
}

// Scaled is a slow clock's duration at the world's time scale.
func (w *World) Scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / w.opts.TimeScale)
}

func (w *World) event(kind, id, message string) {
	w.log.Info(message, "kind", kind, "id", id)
	if err := w.events.add(Event{Time: time.Now(), Kind: kind, ID: id, Message: message}); err != nil {
		w.log.Warn("cannot write event", "error", err)
	}
}
