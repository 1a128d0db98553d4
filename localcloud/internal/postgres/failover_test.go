package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// told is what a pair has told people.
type told struct {
	mu   sync.Mutex
	said []string
}

func (t *told) tell(message string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said = append(t.said, message)
}

func (t *told) has(part string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.said, func(message string) bool { return strings.Contains(message, part) })
}

// inOrder fails unless messages with these parts were told one after another.
func (t *told) inOrder(test *testing.T, parts ...string) {
	test.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := t.said
	for _, part := range parts {
		i := slices.IndexFunc(rest, func(message string) bool { return strings.Contains(message, part) })
		if i < 0 {
			test.Errorf("told %q, want in order %q: %q is missing", t.said, parts, part)
			return
		}
		rest = rest[i+1:]
	}
}

var phases = []string{"fencing", "promoting", "endpoint moved", "accepting writes", "is being built", "is in sync"}

// writer inserts numbers through the endpoint, one after another, each again
// until it is acknowledged.
type writer struct {
	acknowledged int
	stop         context.CancelFunc
	done         chan struct{}
}

func write(t *testing.T, d *door) *writer {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &writer{stop: stop, done: make(chan struct{})}
	config := d.config(t, "master", rightPassword)
	go func() {
		defer close(w.done)
		pause := time.NewTicker(20 * time.Millisecond)
		defer pause.Stop()
		for ctx.Err() == nil {
			w.on(ctx, config)
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
		}
	}()
	return w
}

// on writes over one connection until it fails.
func (w *writer) on(ctx context.Context, config *pgx.ConnConfig) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer closeQuietly(conn)
	for {
		if _, err := conn.Exec(ctx, "insert into t values ($1) on conflict do nothing", w.acknowledged); err != nil {
			return
		}
		w.acknowledged++
	}
}

// end stops the writer and says how many writes were acknowledged.
func (w *writer) end() int {
	w.stop()
	<-w.done
	return w.acknowledged
}

// holds fails unless every acknowledged write is there.
func holds(t *testing.T, pair *Pair, acknowledged int) {
	t.Helper()
	got := scan[int](t, session(t, pair, "master"), "select count(*) from t where n < $1", acknowledged)
	if got != acknowledged {
		t.Errorf("rows after the failover: got %d, want all %d acknowledged", got, acknowledged)
	}
}

// onePrimary fails unless exactly one server takes writes.
func onePrimary(t *testing.T, pair *Pair) {
	t.Helper()
	state := pair.State()
	var primaries []string
	for _, server := range state.Servers {
		if recovering, err := inRecovery(t.Context(), pair.layout(server.Name), state.Spec.Superuser); err == nil && !recovering {
			primaries = append(primaries, server.Name)
		}
	}
	if !slices.Equal(primaries, []string{state.Primary}) {
		t.Errorf("servers that take writes: got %v, want %s alone", primaries, state.Primary)
	}
}

func TestFailover(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail  func(*testing.T, *Pair)
		first string
	}{
		"killed": {func(t *testing.T, p *Pair) {
			if err := p.Kill(t.Context(), p.State().Primary); err != nil {
				t.Fatal(err)
			}
		}, "detected"},
		"hung": {func(t *testing.T, p *Pair) {
			if err := p.Hang(p.State().Primary); err != nil {
				t.Fatal(err)
			}
		}, "detected"},
		"asked for": {func(t *testing.T, p *Pair) {
			if err := p.FailOver(); err != nil {
				t.Fatal(err)
			}
		}, "asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log told
			m := newMachine(t)
			m.Tell = log.tell
			m.Timing = Timing{Detection: 100 * time.Millisecond, Address: 50 * time.Millisecond}
			pair := create(t, m, newSpec(t, true))
			execute(t, session(t, pair, "master"), "create table t (n int primary key)")
			run(t, pair)
			w := write(t, open(t, pair.Primary, nil))
			before := pair.State()
			test.fail(t, pair)
			eventually(t, "the other server is the primary, with a standby", func() bool {
				state := pair.State()
				return state.Primary != before.Primary && state.Synced && state.Failover == Failover{}
			})
			holds(t, pair, w.end())
			onePrimary(t, pair)
			log.inOrder(t, append([]string{test.first}, phases...)...)
			state := pair.State()
			primary, _ := state.server(state.Primary)
			if got, want := primary.Zone+" "+standbyOf(t, pair).Zone, "zone-2 zone-1"; got != want {
				t.Errorf("zones of primary and standby: got %s, want %s", got, want)
			}
		})
	}
}

// A primary that hung for less than detection takes goes on as it was.
func TestUnhang(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.Timing.Detection = time.Hour
	pair := create(t, m, newSpec(t, false))
	run(t, pair)
	before := pids(pair.State())
	if err := pair.Hang("a"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the outage is seen", func() bool { return pair.Status(t.Context()).Outage != "" })
	if err := pair.Unhang("a"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the outage is over", func() bool { return pair.Status(t.Context()).Outage == "" })
	var one int
	if err := pair.Ask(t.Context(), "select 1", nil, &one); err != nil || pids(pair.State()) != before {
		t.Errorf("after the hang: servers %s, %v; want %s, answering", pids(pair.State()), err, before)
	}
}

// A standby that missed commits is not promoted, however long the primary is
// away; the primary's own folder has them all.
func TestOutage(t *testing.T) {
	t.Parallel()
	var log told
	m := newMachine(t)
	m.Tell = log.tell
	var down sync.Map
	m.Barred = func(zone string) bool { _, ok := down.Load(zone); return ok }
	spec := newSpec(t, true)
	spec.Zones = spec.Zones[:2] // none is left for another standby
	pair := create(t, m, spec)
	conn := session(t, pair, "master")
	execute(t, conn, "create table t (n int primary key)")
	run(t, pair)
	down.Store("zone-2", true)
	if err := pair.Kill(t.Context(), standbyOf(t, pair).Name); err != nil {
		t.Fatal(err)
	}
	for n := range 1000 {
		execute(t, conn, "insert into t values ($1)", n)
	}
	if pair.State().Synced {
		t.Error("commits went on without the standby, and it is still recorded in sync")
	}
	if err := pair.FailOver(); !errors.Is(err, ErrNotPromotable) {
		t.Errorf("failover to a standby that misses commits: got %v, want %v", err, ErrNotPromotable)
	}

	down.Store("zone-1", true)
	if err := pair.Kill(t.Context(), pair.State().Primary); err != nil {
		t.Fatal(err)
	}
	down.Delete("zone-2")
	eventually(t, "the outage is told", func() bool { return pair.Status(t.Context()).Outage != "" && log.has("must not be promoted") })
	if _, _, err := pair.Primary(); !errors.Is(err, ErrNoPrimary) {
		t.Errorf("way to the primary in an outage: got %v, want %v", err, ErrNoPrimary)
	}
	down.Delete("zone-1")
	inSync(t, pair)
	holds(t, pair, 1000)
	if state := pair.State(); state.Primary != "a" || log.has("failover:") {
		t.Errorf("primary after the outage: got %s, told %q; want a, without a failover", state.Primary, log.said)
	}
	log.inOrder(t, "is lost", "outage: ", "outage is over", "is in sync")
}

// Both servers are lost in the middle of a failover, and come back.
func TestBothLost(t *testing.T) {
	t.Parallel()
	var log told
	m := newMachine(t)
	m.Tell = log.tell
	var down sync.Map
	m.Barred = func(zone string) bool { _, ok := down.Load(zone); return ok }
	pair := create(t, m, newSpec(t, true))
	execute(t, session(t, pair, "master"), "create table t as select generate_series(0, 99) as n")
	for _, server := range pair.State().Servers {
		down.Store(server.Zone, true)
		if err := pair.Kill(t.Context(), server.Name); err != nil {
			t.Fatal(err)
		}
	}
	run(t, pair)
	eventually(t, "the outage is told", func() bool { return log.has("both servers are lost") })
	down.Delete("zone-2")
	eventually(t, "the standby takes over when its zone is back, and gets another", func() bool {
		return pair.State().Primary == "b" && pair.State().Synced
	})
	if got := standbyOf(t, pair).Zone; got != "zone-3" {
		t.Errorf("zone of the new standby: got %s, want zone-3", got)
	}
	holds(t, pair, 100)
	onePrimary(t, pair)
}
