package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// environment is all that PostgreSQL's programs see of ours.
var environment = []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"}

// logLimit is the size above which a server's log is put aside when it
// starts (one older log is kept).
const logLimit = 8 << 20

// runProgram runs one of PostgreSQL's programs to its end. Unlike a server
// it ends with this process.
func runProgram(ctx context.Context, install Install, account Account, folder, name string, args ...string) error {
	runtime.LockOSThread() // the kernel takes the end of the starting thread for its parent's
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, install.program(name), args...)
	cmd.SysProcAttr = account.attributes(false)
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.Dir, cmd.Env = folder, environment
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// launch starts a server in a session of its own. It has not accepted
// anything yet when this returns. The caller has made sure that no process
// lives in the data folder.
func launch(install Install, account Account, files layout) (Process, error) {
	out, err := openLog(account, files.log())
	if err != nil {
		return Process{}, fmt.Errorf("open log: %w", err)
	}
	defer out.Close()
	cmd := exec.Command(install.program("postgres"), "-D", files.data())
	cmd.SysProcAttr = account.attributes(true)
	cmd.Dir, cmd.Env = files.data(), environment
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return Process{}, fmt.Errorf("start postgres: %w", err)
	}
	process, err := processOf(cmd.Process.Pid)
	go func() { _ = cmd.Wait() }() // reaps it, should this process live longer
	if err != nil {
		return Process{}, fmt.Errorf("start postgres: %w: %s", err, lastWords(files.log()))
	}
	return process, nil
}

func openLog(account Account, path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	return account.open(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY)
}

// lastWords are the last complaints in a server's log.
func lastWords(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "no log"
	}
	var words []string
	for line := range strings.Lines(string(text[max(0, len(text)-4096):])) {
		for _, level := range []string{"FATAL:", "PANIC:", "DETAIL:", "HINT:", "could not"} {
			if strings.Contains(line, level) {
				words = append(words, strings.TrimSpace(line))
				break
			}
		}
	}
	return strings.Join(words[max(0, len(words)-4):], "; ")
}

// connect opens a superuser's connection to the server with these files.
func connect(ctx context.Context, files layout, superuser, database string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(connectionString(files.run(), superuser, database, "control"))
	if err != nil {
		return nil, err
	}
	config.Password, config.Fallbacks, config.ValidateConnect = "", nil, nil
	config.RuntimeParams = map[string]string{"application_name": "control"} // nothing from PG* variables
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	return pgx.ConnectConfig(ctx, config)
}

// pollEvery is how often a starting server is asked.
const pollEvery = 10 * time.Millisecond

// awaitReady connects to a server that was just launched as soon as it lets
// us. It fails when the process ends or the context does.
func awaitReady(ctx context.Context, process Process, files layout, superuser string) (*pgx.Conn, error) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		conn, err := connect(ctx, files, superuser, "postgres")
		if err == nil {
			return conn, nil
		}
		if !process.Alive() {
			return nil, fmt.Errorf("server ended while it started: %s", lastWords(files.log()))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for server: %w: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// findRunning returns the server that runs in the data folder: the recorded
// process where it is that still, else the one that postmaster.pid names.
func findRunning(recorded Process, data string, uid uint32) (Process, bool) {
	if recorded.Alive() && recorded.runsIn(data, uid) {
		return recorded, true
	}
	file, err := readPostmasterFile(data)
	if err != nil || file.data != data {
		return Process{}, false
	}
	process, err := processOf(file.pid)
	if err != nil || !process.runsIn(data, uid) {
		return Process{}, false
	}
	return process, true
}

// sweep ends whatever is left of a server and removes what would keep it
// from starting again or outlive its folder.
func sweep(ctx context.Context, account Account, recorded Process, files layout) error {
	process, _ := findRunning(recorded, files.data(), account.UID)
	if err := Fence(ctx, files.data(), process); err != nil {
		return err
	}
	if err := removeSegment(files.data(), account.UID); err != nil {
		return err
	}
	for _, leftover := range []string{filepath.Join(files.data(), "postmaster.pid"), filepath.Join(files.run(), socketFile), filepath.Join(files.run(), socketFile+".lock")} {
		if err := os.Remove(leftover); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// stopTime is how long a server may take for its last checkpoint.
const stopTime = 10 * time.Second

// stop shuts a server down in its own way (fast), and fences it when that
// takes too long. No process of it is left afterwards.
func stop(ctx context.Context, account Account, recorded Process, files layout) error {
	if process, ok := findRunning(recorded, files.data(), account.UID); ok {
		if err := process.signal(unix.SIGINT); err != nil {
			return err
		}
		bounded, cancel := context.WithTimeout(ctx, stopTime)
		defer cancel()
		_ = process.wait(bounded) // one that does not end is fenced
	}
	return sweep(ctx, account, recorded, files)
}
