package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/world"
)

// RemoveUnused removes the folder of a daemon that has ended, if no stack is up.
// A daemon that was killed leaves a folder that the next one needs.
func (f Folder) RemoveUnused() error {
	worlds, err := f.worlds()
	if err != nil {
		return err
	}
	for _, folder := range worlds {
		used, err := world.InUse(folder)
		if err != nil {
			return err
		}
		if used {
			return nil
		}
	}
	return f.discard(worlds)
}

// worlds are the folders of the worlds.
func (f Folder) worlds() ([]string, error) {
	entries, err := os.ReadDir(f.Worlds())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list worlds: %w", err)
	}
	var folders []string
	for _, entry := range entries {
		folders = append(folders, filepath.Join(f.Worlds(), entry.Name()))
	}
	return folders, nil
}

// discard removes the folder, whatever is in it.
func (f Folder) discard(worlds []string) error {
	for _, folder := range worlds {
		if err := world.Release(folder); err != nil {
			return err
		}
	}
	return f.Remove()
}

// Reset ends every process that lives in the folder, and removes it. It needs
// nothing of what the folder says, so that it works on a damaged one.
func (f Folder) Reset(ctx context.Context) error {
	lock, err := f.Lock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing has ever run here
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	for ctx.Err() == nil {
		pids, err := f.inhabitants()
		if err != nil {
			return err
		}
		if len(pids) == 0 {
			worlds, err := f.worlds()
			if err != nil {
				return err
			}
			return f.discard(worlds)
		}
		for _, pid := range pids {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("end process %d: %w", pid, err)
			}
		}
	}
	return ctx.Err()
}

// inhabitants are the processes whose working folder, or whose instance's
// folder, is inside the state folder. Zombies have neither.
func (f Folder) inhabitants() ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && pid != os.Getpid() && f.inhabits(pid) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

func (f Folder) inhabits(pid int) bool {
	inside := string(f) + "/"
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil && strings.HasPrefix(cwd, inside) {
		return true
	}
	environ, err := os.ReadFile(filepath.Join(proc, "environ"))
	return err == nil && strings.Contains("\x00"+string(environ), "\x00DESTDIR="+inside)
}
