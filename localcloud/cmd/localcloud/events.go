package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"orchard/localcloud/internal/daemon"
	"orchard/localcloud/internal/world"
)

// lookAgain is how often a followed event log is read.
const lookAgain = 200 * time.Millisecond

func eventsCommand(folder *daemon.Folder) *cobra.Command {
	var stack string
	var follow, asJSON bool
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Print what has happened to a stack, the latest at the end",
		Long: `Print what has happened to a stack, the latest at the end: the time, the kind, what
it happened to, and a sentence. The log is read from the state folder, so it is there
when no daemon is.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := folder.EventLog(stack)
			if err != nil {
				return err
			}
			log, err := os.Open(path)
			if err != nil {
				return fmt.Errorf("open event log: %w", err)
			}
			defer log.Close()
			print := eventPrinter(printEvent)
			if asJSON {
				print = encodeEvent
			}
			return printEvents(cmd.Context(), cmd.OutOrStdout(), log, print, follow)
		},
	}
	cmd.Flags().StringVar(&stack, "stack", "", "the stack; needed where there are several")
	cmd.Flags().BoolVar(&follow, "follow", false, "go on with what happens from now on, until interrupted")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object a line")
	return cmd
}

// eventPrinter writes one event on a line.
type eventPrinter func(io.Writer, world.Event) error

// printEvents prints a log to its end and, where it is followed, what comes
// after until ctx ends.
func printEvents(ctx context.Context, out io.Writer, log io.Reader, print eventPrinter, follow bool) error {
	reader := world.NewEventReader(log)
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		events, err := reader.Read()
		for _, e := range events {
			err = errors.Join(err, print(out, e))
		}
		if err != nil || !follow {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func printEvent(out io.Writer, e world.Event) error {
	_, err := fmt.Fprintf(out, "%s  %-8s  %s  %s\n", e.Time.Format("2006-01-02 15:04:05.000"), e.Kind, e.ID, e.Message)
	return err
}

func encodeEvent(out io.Writer, e world.Event) error { return json.NewEncoder(out).Encode(e) }
