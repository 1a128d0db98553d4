package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	pair := create(t, m, newSpec(t, true))
	if diff := cmp.Diff(pair.State(), m.load(t)); diff != "" {
		t.Errorf("saved state differs (-held +saved):\n%s", diff)
	}
	state := pair.State()
	if !state.Created || !state.Synced || state.Servers[0].Zone != "zone-1" || state.Servers[1].Zone != "zone-2" {
		t.Errorf("got %+v, want created, synced, primary in zone-1, standby in zone-2", state)
	}
	for _, server := range state.Servers {
		if session, err := unix.Getsid(server.Process.PID); err != nil || session != server.Process.PID {
			t.Errorf("server %s is in session %d (%v), want one of its own, %d", server.Name, session, err, server.Process.PID)
		}
		if got := modes(t, layoutOf(state.Spec.Folder, server.Name), m.Account); got != "data 0700, run 0700" {
			t.Errorf("folders of server %s: %s", server.Name, got)
		}
	}
	conn := session(t, pair, "master")
	got := scan[string](t, conn, `select concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin,
		pg_has_role('cloud_superuser', 'usage'), pg_get_userbyid(datdba), current_setting('work_mem'),
		current_setting('max_connections'), current_setting('fsync'), current_setting('cloud.force_ssl'), current_setting('listen_addresses'))
		from pg_roles, pg_database where rolname = current_user and datname = current_database()`)
	if want := "f t t f f t t master 5MB 50 on 1 "; got != want {
		t.Errorf("role and settings: got %q, want %q", got, want)
	}
	execute(t, conn, "create role app login")
	execute(t, conn, "grant cloud_iam to app")
	execute(t, conn, "create table t (n int)")
	if _, err := conn.Exec(t.Context(), "alter role master superuser"); err == nil {
		t.Error("the master role made itself a superuser")
	}
}

// modes says what the folders that must be the account's alone are like.
func modes(t *testing.T, files layout, account Account) string {
	t.Helper()
	var text []string
	for _, folder := range []string{files.data(), files.run()} {
		var stat unix.Stat_t
		if err := unix.Stat(folder, &stat); err != nil {
			t.Fatal(err)
		}
		if stat.Uid != account.UID {
			t.Errorf("%s belongs to user %d, want %d", folder, stat.Uid, account.UID)
		}
		text = append(text, fmt.Sprintf("%s %04o", filepath.Base(folder), stat.Mode&0o7777))
	}
	return strings.Join(text, ", ")
}

// A daemon that was killed in the middle of a Create leaves servers that its
// state does not know.
func TestCreateAgain(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, true)
	lost := create(t, m, spec).State()
	unfinished := m.load(t)
	unfinished.Created = false
	if _, err := Adopt(t.Context(), m.Host, unfinished); !errors.Is(err, ErrNotCreated) {
		t.Errorf("adopted an unfinished database: got %v, want %v", err, ErrNotCreated)
	}
	again := create(t, m, spec)
	for _, server := range lost.Servers {
		if server.Process.Alive() {
			t.Errorf("server %s of the first attempt lives on", server.Name)
		}
	}
	if state := again.State(); !state.Created || state.System == lost.System {
		t.Errorf("got %+v, want another database than %s", state, lost.System)
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	first := create(t, m, newSpec(t, true))
	conn := session(t, first, "master")
	execute(t, conn, "create table t as select 7 as n")
	before := first.State()
	second, err := Adopt(t.Context(), m.Host, m.load(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := pids(second.State()), pids(before); got != want {
		t.Errorf("adopted servers %s, want the same processes %s", got, want)
	}
	if got := scan[int](t, conn, "select n from t"); got != 7 { // the old connection lives on
		t.Errorf("got n = %d, want 7", got)
	}

	// A machine that was restarted has neither process; both come back from
	// their folders, with the data.
	for _, server := range before.Servers {
		if err := Fence(t.Context(), layoutOf(before.Spec.Folder, server.Name).data(), server.Process); err != nil {
			t.Fatal(err)
		}
	}
	third, err := Adopt(t.Context(), m.Host, m.load(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := scan[int](t, session(t, third, "master"), "select n from t"); got != 7 {
		t.Errorf("after the restart: got n = %d, want 7", got)
	}
	run(t, third)
	inSync(t, third)
	state := third.State()
	if err := third.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	assertGone(t, m, state)
}

// assertGone fails when anything of the database is left.
func assertGone(t *testing.T, m *machine, state State) {
	t.Helper()
	if _, err := os.Stat(state.Spec.Folder); !os.IsNotExist(err) {
		t.Errorf("folder is left: %v", err)
	}
	for _, server := range state.Servers {
		members, err := membersOf(layoutOf(state.Spec.Folder, server.Name).data(), server.Process)
		if err != nil || len(members) > 0 {
			t.Errorf("server %s: processes left: %v, %v", server.Name, members, err)
		}
	}
}

func TestDeleteAfterKill(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	pair := create(t, m, newSpec(t, true))
	state := pair.State()
	var segments []int
	for _, server := range state.Servers {
		file, err := readPostmasterFile(layoutOf(state.Spec.Folder, server.Name).data())
		if err != nil || file.segment < 0 {
			t.Fatalf("no segment of server %s: %+v, %v", server.Name, file, err)
		}
		segments = append(segments, file.segment)
		if err := server.Process.signal(unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if err := pair.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	assertGone(t, m, state)
	for _, segment := range segments {
		var description unix.SysvShmDesc
		if _, err := unix.SysvShmCtl(segment, unix.IPC_STAT, &description); !gone(err) {
			t.Errorf("shared memory segment %d is left: %v", segment, err)
		}
	}
	if err := pair.Delete(t.Context()); err != nil {
		t.Errorf("deleted again: %v", err)
	}
}

// A folder that holds something else is never emptied.
func TestForeignFolder(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, false)
	letter := filepath.Join(spec.Folder, "letter.txt")
	if err := errors.Join(os.Mkdir(spec.Folder, 0o755), os.WriteFile(letter, []byte("Dear"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), m.Host, spec); err == nil || !strings.Contains(err.Error(), "letter.txt") {
		t.Errorf("got %v, want an error that names letter.txt", err)
	}
	if _, err := os.Stat(letter); err != nil {
		t.Error(err)
	}
}

func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	spec := newSpec(t, false)
	spec.Settings = map[string]string{"no_such_setting": "1", "work_mem": "many"}
	_, err := Create(t.Context(), m.Host, spec)
	for _, want := range []string{"no_such_setting", `"work_mem"`, m.Install.Version} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
	if _, err := os.Stat(spec.Folder); !os.IsNotExist(err) {
		t.Errorf("a refused database left its folder: %v", err)
	}
}

func TestImpassable(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if !m.Account.drop {
		m.Account.UID++ // somebody else, for the question alone
	}
	folder := t.TempDir() // 0700 above it
	err := m.Account.CheckPassable(folder)
	if want := filepath.Dir(folder); err == nil || !strings.Contains(err.Error(), want+" ") {
		t.Errorf("got %v, want an error that names %s", err, want)
	}
}

// Fence finds the children of a postmaster that died before them.
func TestFenceOrphans(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	pair := create(t, m, newSpec(t, false))
	conn := session(t, pair, "master")
	pid := conn.PgConn().PID()
	busy := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "do $$ begin loop end loop; end $$")
		busy <- err
	}()
	control := session(t, pair, "cloudadmin")
	eventually(t, "backend busy", func() bool {
		return scan[bool](t, control, "select state = 'active' from pg_stat_activity where pid = $1", int(pid))
	})
	backend, err := processOf(int(pid))
	if err != nil {
		t.Fatal(err)
	}
	postmaster := pair.State().Servers[0].Process
	if err := postmaster.signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := postmaster.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !backend.Alive() {
		t.Fatal("the busy backend died with its postmaster: the test shows nothing")
	}
	if err := Fence(t.Context(), layoutOf(pair.State().Spec.Folder, "a").data(), postmaster); err != nil {
		t.Fatal(err)
	}
	if backend.Alive() {
		t.Error("the busy backend survived the fence")
	}
	if err := <-busy; err == nil {
		t.Error("the query of a killed backend succeeded")
	}
}
