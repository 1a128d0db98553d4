package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"orchard/loadrunner/internal/results"
)

func recordsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "records DIR...", Short: "List each request of runs that have written them down",
		Long: `Records lists the requests of runs with --records, or records: true in their plan, as
comma-separated values: when each was due, when its last attempt was sent and when it
ended, in ns after the start of its run, and its status or why it has none. What was
never sent has its end in place of its start.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, folders []string) error { return listRecords(c.OutOrStdout(), folders) },
	}
}

// listRecords writes what it finds, and fails where records are not there or were left
// out: a list that lacks some must not pass for all.
func listRecords(w io.Writer, folders []string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "scheduled_ns,started_ns,finished_ns,outcome")
	var errs []error
	for _, folder := range folders {
		listed, left, err := listFolder(out, folder)
		switch {
		case err != nil:
			errs = append(errs, err)
		case listed == 0:
			errs = append(errs, fmt.Errorf("%s has no records: run with --records, or with records: true in the plan", folder))
		case left > 0:
			errs = append(errs, fmt.Errorf("%s lacks the records of %d requests, for which its seconds had no room", folder, left))
		}
	}
	return errors.Join(append(errs, out.Flush())...)
}

func listFolder(w io.Writer, folder string) (listed int, left uint64, err error) {
	for window, err := range results.Windows(folder) {
		if err != nil {
			return listed, left, err
		}
		records, err := window.Records.All()
		if err != nil {
			return listed, left, fmt.Errorf("%s: second %d: %w", folder, window.Second, err)
		}
		for _, r := range records {
			fmt.Fprintf(w, "%d,%d,%d,%s\n", r.Scheduled, r.Started, r.Finished, r.Outcome())
		}
		listed, left = listed+len(records), left+window.Records.Left
	}
	return listed, left, nil
}
