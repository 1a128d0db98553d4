package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// machine is the host of a test: the real PostgreSQL of this machine, and a
// save function that keeps what a state file would hold.
type machine struct {
	Host
	mu    sync.Mutex
	saved []byte
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	install, err := Find(t.Context(), Search{Path: os.Getenv("PATH")})
	if err != nil {
		t.Fatal(err)
	}
	account, err := ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{}
	m.Host = Host{Install: install, Account: account, Save: m.save, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	return m
}

func (m *machine) save(state State) error {
	text, err := json.Marshal(state)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.saved = text
	return err
}

// load is the state as it comes back from disk.
func (m *machine) load(t *testing.T) State {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var state State
	if err := json.Unmarshal(m.saved, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// newSpec asks for a database in a folder that the server's user can reach.
func newSpec(t *testing.T, standby bool) Spec {
	t.Helper()
	parent := t.TempDir()
	for _, dir := range []string{parent, filepath.Dir(parent)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Spec{
		Folder: filepath.Join(parent, "db"), Zones: []string{"zone-1", "zone-2", "zone-3"}, Standby: standby,
		Database: "fruit", MasterRole: "master", Superuser: "cloudadmin",
		Groups:   []GroupRole{{Name: "cloud_superuser", Granted: true}, {Name: "cloud_iam", Grantable: true}},
		Settings: map[string]string{"shared_buffers": "16MB", "work_mem": "5MB", "cloud.force_ssl": "1"}, MaxConnections: 50,
	}
}

// create makes a database and deletes it at the end of the test.
func create(t *testing.T, m *machine, spec Spec) *Pair {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pair, err := Create(ctx, m.Host, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), m.Account, spec.Folder); err != nil {
			t.Error(err)
		}
	})
	return pair
}

// run has the pair watched until the test ends.
func run(t *testing.T, pair *Pair) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- pair.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// session is a connection over the private socket.
func session(t *testing.T, pair *Pair, user string) *pgx.Conn {
	t.Helper()
	state := pair.State()
	conn, err := connect(t.Context(), layoutOf(state.Spec.Folder, state.Primary), user, state.Spec.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func scan[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) (value T) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// eventually waits until the condition holds; every look asks a real server.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("not within 30 s: %s", what)
		case <-ticker.C:
		}
	}
}

func pids(state State) string {
	var text []string
	for _, server := range state.Servers {
		text = append(text, fmt.Sprint(server.Name, " ", server.Process.PID))
	}
	return strings.Join(text, ", ")
}
