package postgres

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// inSync waits until the standby holds every commit.
func inSync(t *testing.T, pair *Pair) {
	t.Helper()
	eventually(t, "standby in sync", func() bool {
		status := pair.Status(t.Context())
		return status.Synced && len(status.Servers) == 2 && status.Servers[1].SyncState == "sync" && status.Servers[1].Problem == ""
	})
}

func standbyOf(t *testing.T, pair *Pair) Server {
	t.Helper()
	standby, ok := pair.State().Standby()
	if !ok {
		t.Fatal("there is no standby")
	}
	return standby
}

// insert commits a row within the time, or fails.
func insert(t *testing.T, conn *pgx.Conn, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if _, err := conn.Exec(ctx, "insert into t values (1)"); err != nil {
		t.Fatalf("insert within %s: %v", within, err)
	}
}

func TestStandbyLost(t *testing.T) {
	t.Parallel()
	spec := newSpec(t, true)
	spec.Settings["wal_sender_timeout"] = "1s"
	pair := create(t, newMachine(t), spec)
	conn := session(t, pair, "master")
	execute(t, conn, "create table t (n int)")
	standby := standbyOf(t, pair)

	// Nobody watches yet: the commit waits, which shows that it is synchronous.
	if err := standby.Process.signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := standby.Process.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	control := session(t, pair, "cloudadmin")
	committed := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "insert into t values (1)")
		committed <- err
	}()
	eventually(t, "commit waits for the standby", func() bool {
		return scan[bool](t, control, "select exists (select from pg_stat_activity where wait_event = 'SyncRep')")
	})

	run(t, pair)
	if err := <-committed; err != nil {
		t.Fatal(err)
	}
	insert(t, conn, 10*time.Second)
	inSync(t, pair)
	if now := standbyOf(t, pair); now.Process == standby.Process || now.Zone != standby.Zone {
		t.Errorf("got standby %+v, want a new process in the zone of %+v", now, standby)
	}
	t.Run("frozen", func(t *testing.T) { testFrozen(t, pair, conn) })
	t.Run("destroyed", func(t *testing.T) { testDestroyed(t, pair, conn) })
}

// testFrozen stops all processes of the standby without ending them.
func testFrozen(t *testing.T, pair *Pair, conn *pgx.Conn) {
	standby := standbyOf(t, pair)
	members, err := membersOf(pair.layout(standby.Name).data(), standby.Process)
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range members {
		if err := member.signal(unix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	insert(t, conn, 20*time.Second)
	if pair.State().Synced {
		t.Error("a commit went on without the standby, and the state still calls it synced")
	}
	for _, member := range members {
		if err := member.signal(unix.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	inSync(t, pair)
}

// testDestroyed takes the standby's data away.
func testDestroyed(t *testing.T, pair *Pair, conn *pgx.Conn) {
	pair.op.Lock() // so that the loop does not start it in between
	standby := standbyOf(t, pair)
	err := errors.Join(sweep(t.Context(), pair.host.Account, standby.Process, pair.layout(standby.Name)),
		os.RemoveAll(pair.layout(standby.Name).data()))
	pair.op.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	insert(t, conn, 20*time.Second)
	inSync(t, pair)
	if now := standbyOf(t, pair); now.Process == standby.Process {
		t.Errorf("the standby is still %+v", now)
	}
}

func TestPrimaryKilled(t *testing.T) {
	t.Parallel()
	pair := create(t, newMachine(t), newSpec(t, true))
	run(t, pair)
	d := open(t, pair.Primary, nil)
	conn := d.connect(t, "master")
	execute(t, conn, "create table t (n int)")
	insert(t, conn, 10*time.Second)
	before, _ := pair.State().server(pair.State().Primary)
	if err := before.Process.signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var again *pgx.Conn
	eventually(t, "primary serves again", func() bool {
		next, err := pgx.ConnectConfig(t.Context(), d.config(t, "master", rightPassword))
		if err != nil && sqlState(err) != "57P03" && sqlState(err) != "" {
			t.Fatalf("while the primary was down: %v, want SQLSTATE 57P03", err)
		}
		again = next
		after, _ := pair.State().server(pair.State().Primary)
		if err == nil && after.Process == before.Process {
			next.Close(t.Context()) // it has not been noticed yet
		}
		return err == nil && after.Process != before.Process
	})
	defer again.Close(t.Context())
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("a connection to the killed primary lives on")
	}
	if got := scan[int](t, again, "select count(*) from t"); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
	inSync(t, pair)
	insert(t, again, 10*time.Second)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, false)
	pair := create(t, m, spec)
	run(t, pair)
	conn := session(t, pair, "master")
	execute(t, conn, "create table t (n int)")
	primary := pair.State().Servers[0].Process

	spec.Standby = true
	if err := pair.Update(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	if status := pair.Status(t.Context()); len(status.Servers) != 2 || status.Servers[1].SyncState != "sync" || status.Servers[1].Zone != "zone-2" {
		t.Errorf("standby switched on: got %+v", status)
	}
	insert(t, conn, 10*time.Second)

	spec.Settings = map[string]string{"work_mem": "7MB"}
	spec.MaxConnections = 60
	if err := pair.Update(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	eventually(t, "new settings are read", func() bool {
		pending := pair.Status(t.Context()).Servers[0].PendingRestart
		return scan[string](t, conn, "show work_mem") == "7MB" && slices.Contains(pending, "max_connections")
	})

	standby := standbyOf(t, pair)
	spec.Standby = false
	if err := pair.Update(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	insert(t, conn, 10*time.Second)
	state := m.load(t)
	if len(state.Servers) != 1 || state.Servers[0].Process != primary || standby.Process.Alive() {
		t.Errorf("standby switched off: got %+v, standby alive %t", state.Servers, standby.Process.Alive())
	}
	if got := scan[int](t, session(t, pair, "cloudadmin"), "select count(*) from pg_replication_slots"); got != 0 {
		t.Errorf("got %d slots, want none", got)
	}

	spec.MasterRole, spec.Settings = "other", map[string]string{"port": "1"}
	err := pair.Update(t.Context(), spec)
	for _, want := range []string{"master role", `"port"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
}
