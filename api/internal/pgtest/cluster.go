// Package pgtest gives tests a real PostgreSQL: one cluster for a test binary,
// a database of its own for each test.
//
// The cluster listens on a free loopback port and on a Unix socket in its
// folder, trusts every local connection, and does not sync to disk. It runs
// as the user `nobody` when the tests run as root, since PostgreSQL refuses
// root. It needs the programs of PostgreSQL 14 or newer, on PATH or under
// /usr/lib/postgresql; without them a test fails rather than being skipped.
package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a running PostgreSQL server.
type Cluster struct {
	Port int
	Dir  string // holds the data folder "data" and the server's log
	bin  string
	cred *syscall.SysProcAttr
	proc *exec.Cmd

	settings []string
}

var shared *Cluster

// Main starts the shared cluster, runs the tests and stops it. A TestMain
// passes its result to os.Exit.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "orchard-pg-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	shared, err = Start(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return 1
	}
	defer shared.Stop()
	return m.Run()
}

// Dir makes a folder for a cluster of one test's own. (A test's TempDir is
// closed to the user that PostgreSQL runs as.)
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "orchard-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Start makes a new cluster in dir and waits until it answers. settings are
// lines for its configuration file, which win over those of this package.
func Start(dir string, settings ...string) (*Cluster, error) {
	c, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		c.settings = append(c.settings, "-c", s)
	}
	if err := c.Run("initdb", "-D", c.Data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return nil, err
	}
	if err := c.Serve(); err != nil {
		return nil, err
	}
	return c, nil
}

// Copy makes a standby of c in dir, which follows c by streaming replication.
func (c *Cluster) Copy(dir string) (*Cluster, error) {
	s, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	source := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=standby", c.Port)
	if err := s.Run("pg_basebackup", "-D", s.Data(), "-d", source, "-R", "-X", "stream", "--no-sync", "-c", "fast"); err != nil {
		return nil, err
	}
	if err := s.Serve(); err != nil {
		return nil, err
	}
	return s, nil
}

func prepare(dir string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: dir, bin: bin, cred: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}}
	if c.Port, err = freePort(); err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 {
		return c, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("find an unprivileged user: %w", err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	c.cred.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, fmt.Errorf("give folder to nobody: %w", err)
	}
	return c, nil
}

// Data is the cluster's data folder.
func (c *Cluster) Data() string { return filepath.Join(c.Dir, "data") }

// Run runs one of PostgreSQL's programs as the cluster's user.
func (c *Cluster) Run(program string, args ...string) error {
	_, err := c.Output(program, args...)
	return err
}

// Output runs one of PostgreSQL's programs and returns what it printed.
func (c *Cluster) Output(program string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir, cmd.SysProcAttr = c.Dir, c.cred
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("run %s: %w\n%s", program, err, bytes.TrimSpace(out))
	}
	return string(out), nil
}

// Serve starts the server on its data folder and waits until it answers.
func (c *Cluster) Serve() error {
	log, err := os.OpenFile(filepath.Join(c.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{
		"-D", c.Data(), "-h", "127.0.0.1", "-p", strconv.Itoa(c.Port), "-k", c.Dir,
		"-c", "fsync=off", "-c", "max_connections=200", "-c", "wal_level=replica", "-c", "max_wal_senders=4",
	}
	c.proc = exec.Command(filepath.Join(c.bin, "postgres"), append(args, c.settings...)...)
	c.proc.Dir, c.proc.SysProcAttr, c.proc.Stdout, c.proc.Stderr = c.Dir, c.cred, log, log
	if err := c.proc.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	return c.await(30 * time.Second)
}

func (c *Cluster) await(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			text, _ := os.ReadFile(filepath.Join(c.Dir, "log"))
			return fmt.Errorf("wait for postgres: %w\n%s", err, text)
		}
	}
}

// URL is the address of a database of the cluster for its superuser.
func (c *Cluster) URL(database string) string { return c.URLAs("postgres", database) }

// URLAs is the address of a database of the cluster for role.
func (c *Cluster) URLAs(role, database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", role, c.Port, database)
}

// Signal sends a signal to the server: SIGINT is a fast shutdown, SIGQUIT an
// immediate one.
func (c *Cluster) Signal(s os.Signal) error { return c.proc.Process.Signal(s) }

// Wait waits for the server to end.
func (c *Cluster) Wait() { _ = c.proc.Wait() } // the exit code of a server that was told to stop says nothing

// Stop ends the server at once and waits for it.
func (c *Cluster) Stop() {
	if c.Signal(syscall.SIGQUIT) == nil {
		c.Wait()
	}
}

func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", fmt.Errorf("find PostgreSQL: %w", err)
		}
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("find PostgreSQL: no initdb on PATH or under /usr/lib/postgresql; install postgresql")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
