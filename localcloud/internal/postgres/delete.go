package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Delete ends the servers, primary first, and removes the folder. No
// process and no shared memory is left. It ends Run, and may be repeated.
func (p *Pair) Delete(ctx context.Context) error {
	p.stopLoop()
	p.op.Lock()
	defer p.op.Unlock()
	p.deleted = true
	p.setReady(false)
	p.disconnect()
	state := p.State()
	state.Synced = false // a primary that waits for a standby would not end
	for _, server := range state.Servers {
		if server.Name == state.Primary && server.Process.runsIn(p.layout(server.Name).data(), p.host.Account.UID) {
			if err := p.reload(state, server); err != nil {
				return fmt.Errorf("delete database: %w", err)
			}
		}
	}
	if err := remove(ctx, p.host.Account, state.Spec.Folder, state.Primary); err != nil {
		return fmt.Errorf("delete database: %w", err)
	}
	return nil
}

// Remove ends what runs in a Pair's folder and removes it, for a database
// whose state is lost or was never complete, or that Adopt refuses. A folder that is not there is
// no error.
func Remove(ctx context.Context, account Account, folder string) error {
	resolved, err := filepath.EvalSymlinks(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove database: %w", err)
	}
	if err := remove(ctx, account, resolved, "a"); err != nil {
		return fmt.Errorf("remove database: %w", err)
	}
	return nil
}

// serverNames are the subfolders of a Pair.
var serverNames = []string{"a", "b"}

func remove(ctx context.Context, account Account, folder, primary string) error {
	if err := onlyServers(folder); err != nil {
		return err
	}
	for _, name := range []string{primary, otherName(primary)} {
		if err := stop(ctx, account, Process{}, layoutOf(folder, name)); err != nil {
			return fmt.Errorf("stop server %s: %w", name, err)
		}
	}
	return os.RemoveAll(folder)
}

// onlyServers keeps a folder that was named by mistake from being emptied.
func onlyServers(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if !slices.Contains(serverNames, entry.Name()) {
			return fmt.Errorf("folder %s holds %s, which is not a database's: choose a folder of its own", folder, entry.Name())
		}
	}
	return err
}

func otherName(name string) string {
	return strings.Replace(strings.Join(serverNames, ""), name, "", 1)
}
