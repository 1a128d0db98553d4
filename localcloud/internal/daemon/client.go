package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
)

// ErrNotRunning says that no daemon answers for a state folder.
var ErrNotRunning = errors.New("no daemon is running")

// ErrBusy says that a daemon was not stopped because a stack is up.
var ErrBusy = errors.New("a stack is still up")

// Status asks the daemon of the folder for its report.
func (f Folder) Status(ctx context.Context) (Report, error) {
	var report Report
	resp, err := f.ask(ctx, http.MethodGet, "/status")
	if err != nil {
		return report, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&report); err != nil {
		return report, fmt.Errorf("read status: %w", err)
	}
	return report, nil
}

// Stop ends the daemon of the folder, its instances and databases untouched.
// With onlyIdle it answers ErrBusy where a stack is up.
func (f Folder) Stop(ctx context.Context, onlyIdle bool) error {
	query := ""
	if onlyIdle {
		query = "?" + url.Values{"if": {"idle"}}.Encode()
	}
	resp, err := f.ask(ctx, http.MethodPost, "/stop"+query)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusConflict {
		return ErrBusy
	}
	return f.awaitUnlocked(ctx)
}

// awaitUnlocked waits until the daemon that was asked to stop has ended.
func (f Folder) awaitUnlocked(ctx context.Context) error {
	file, err := os.OpenFile(f.path("lock"), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("await the end of the daemon: %w", err)
	}
	locked := make(chan error, 1)
	go func() {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		// Given back before anybody is told, and not by closing the file alone: a
		// process that is being started has it open too until it executes.
		unlock := syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
		locked <- errors.Join(err, unlock, file.Close())
	}()
	select {
	case err := <-locked:
		return err
	case <-ctx.Done():
		return fmt.Errorf("the daemon has not ended yet: %w", ctx.Err())
	}
}

func (f Folder) ask(ctx context.Context, method, path string) (*http.Response, error) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", f.Socket())
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, method, "http://daemon"+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	// One that is killed at this moment has taken the connection and resets it.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) {
		return nil, fmt.Errorf("%w for %s", ErrNotRunning, f)
	}
	return resp, err
}
