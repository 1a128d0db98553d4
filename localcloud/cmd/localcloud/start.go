package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
)

func startCommand(folder *daemon.Folder) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start the daemon in the background, where none is running",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.validate(); err != nil {
				return err
			}
			report, err := folder.Status(cmd.Context())
			if errors.Is(err, daemon.ErrNotRunning) {
				return start(cmd.Context(), *folder, s)
			}
			if err != nil {
				return err
			}
			return replaceOther(cmd.Context(), *folder, s, report)
		},
	}
	s.flags(cmd)
	return cmd
}

// replaceOther leaves a daemon of this version alone and takes over from one
// of another: its instances and database servers run on meanwhile.
func replaceOther(ctx context.Context, folder daemon.Folder, s settings, report daemon.Report) error {
	if report.Version == version() && report.TimeScale == s.timeScale && report.DatabaseDetection == s.detection {
		return nil
	}
	if err := folder.Stop(ctx, false); err != nil {
		return err
	}
	return start(ctx, folder, s)
}

// start runs `localcloud serve` in a session of its own and returns when it is
// ready. Its log goes to a file.
func start(ctx context.Context, folder daemon.Folder, s settings) error {
	if err := folder.Prepare(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start daemon: %w", err)
	}
	log, err := os.OpenFile(folder.Log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("start daemon: %w", err)
	}
	defer log.Close()
	begin, err := log.Seek(0, 2)
	if err != nil {
		return fmt.Errorf("start daemon: %w", err)
	}
	cmd := exec.Command(self, "serve", "--state", string(folder),
		"--time-scale", strconv.FormatFloat(s.timeScale, 'g', -1, 64), "--postgres", s.postgres,
		"--database-detection", s.detection.String())
	cmd.Dir = "/"
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start daemon: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start daemon: %w", err)
	}
	ready := make(chan error, 1)
	go func() {
		if bufio.NewScanner(out).Scan() {
			ready <- nil
			return
		}
		err := cmd.Wait()
		ready <- lastWords(folder.Log(), begin, err)
	}()
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return errors.Join(ctx.Err(), cmd.Process.Kill())
	}
}

// lastWords is what a daemon that did not start said, or how it ended where it
// said nothing.
func lastWords(path string, begin int64, ended error) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return errors.Join(ended, err)
	}
	said := strings.TrimSpace(string(data[min(begin, int64(len(data))):]))
	if said == "" {
		return fmt.Errorf("the daemon ended without a word: %w", ended)
	}
	lines := strings.Split(said, "\n")
	return errors.New(strings.TrimPrefix(lines[len(lines)-1], "localcloud: "))
}
