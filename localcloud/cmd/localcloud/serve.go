package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
)

// settings of a daemon, as flags of serve and start.
type settings struct {
	timeScale float64
	postgres  string
	detection time.Duration
}

func (s *settings) flags(cmd *cobra.Command) {
	cmd.Flags().Float64Var(&s.timeScale, "time-scale", 10, "how many times faster the slow clocks run (grace, warmup, metric periods); health checks always run in real time")
	cmd.Flags().DurationVar(&s.detection, "database-detection", 0, "how long a database's primary fails, in real time, before its standby takes over; 0 for the cloud's documented time and its DNS delay, over the time scale")
	cmd.Flags().StringVar(&s.postgres, "postgres", os.Getenv("LOCALCLOUD_POSTGRES"), "folder of PostgreSQL's programs, where they are not found by themselves; also $LOCALCLOUD_POSTGRES")
}

func (s *settings) validate() error {
	if s.timeScale < 1 || s.timeScale > 1000 {
		return fmt.Errorf("--time-scale %g is not between 1 and 1000", s.timeScale)
	}
	if s.detection < 0 || s.detection > 10*time.Minute {
		return fmt.Errorf("--database-detection %s is not between 0 and 10m", s.detection)
	}
	return nil
}

func serveCommand(folder *daemon.Folder) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon in the foreground",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.validate(); err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			cfg, err := configure(cmd.Context(), *folder, s, log)
			if err != nil {
				return err
			}
			return daemon.Run(cmd.Context(), cfg, func() {
				fmt.Fprintln(cmd.OutOrStdout(), "ready")
			})
		},
	}
	s.flags(cmd)
	return cmd
}
