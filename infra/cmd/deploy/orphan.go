package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How long an engine may take to finish what is under way, and how often it
// is looked for.
const (
	orphanPatience = time.Minute
	orphanInterval = 100 * time.Millisecond
)

// endOrphans asks the engines that work in the folder to stop and waits until
// none is left. The caller holds the folder's lock, so they are nobody's.
func endOrphans(ctx context.Context, folder string) error {
	deadline := time.After(orphanPatience)
	tick := time.NewTicker(orphanInterval)
	defer tick.Stop()
	asked := map[int]bool{}
	for {
		left := enginesIn(folder)
		if len(left) == 0 {
			return nil
		}
		for _, pid := range left {
			if !asked[pid] {
				asked[pid] = true
				_ = syscall.Kill(pid, syscall.SIGINT)
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			return killAll(left)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func killAll(pids []int) error {
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end engine %d: %w", pid, err)
		}
	}
	return nil
}

// enginesIn finds the processes named pulumi whose working folder is the
// given one or lies in it.
func enginesIn(folder string) (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil || strings.TrimSpace(string(text)) != "pulumi" {
			continue
		}
		process := filepath.Dir(name)
		at, err := os.Readlink(filepath.Join(process, "cwd"))
		if err != nil || (at != folder && !strings.HasPrefix(at, folder+"/")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(process)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
