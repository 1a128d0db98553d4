package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orchard/loadrunner/internal/report"
	"orchard/loadrunner/internal/results"
)

func mergeCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "merge DIR...", Short: "Join the results of nodes and minutes in one folder, with a report",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, folders []string) error {
			if out == "" {
				return errors.New("give --out, a folder for the joined results")
			}
			d, err := results.Merge(out, folders)
			if err != nil {
				return err
			}
			if err := report.Terminal(c.OutOrStdout(), d); err != nil {
				return err
			}
			return writeHTML(out, "")
		},
	}
	c.Flags().StringVar(&out, "out", "", "folder for the joined results")
	return c
}

func reportCommand() *cobra.Command {
	var html string
	var marks []string
	c := &cobra.Command{
		Use: "report DIR", Short: "Show results again, as text or HTML",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := results.Load(args[0])
			if err != nil {
				return err
			}
			events, err := parseMarks(marks)
			if err != nil {
				return err
			}
			if html != "" {
				return writeHTML(args[0], html, events...)
			}
			return report.Terminal(c.OutOrStdout(), d)
		},
	}
	c.Flags().StringVar(&html, "html", "", "file for the HTML report")
	c.Flags().StringArrayVar(&marks, "mark", nil, "what happened meanwhile, as 12s=zone-down, to be marked in the HTML report; may be repeated")
	return c
}

// writeHTML writes the report of a folder to a file, or to report.html in it.
func writeHTML(folder, file string, marks ...results.Event) error {
	if file == "" {
		file = filepath.Join(folder, "report.html")
	}
	return report.WriteHTML(file, folder, marks...)
}

// parseMarks reads moments after the start of a run, with what happened then.
func parseMarks(texts []string) ([]results.Event, error) {
	var events []results.Event
	for _, text := range texts {
		at, name, _ := strings.Cut(text, "=")
		d, err := time.ParseDuration(at)
		if err != nil || name == "" {
			return nil, fmt.Errorf("--mark: write a moment and a name, such as 12s=zone-down, not %q", text)
		}
		events = append(events, results.Event{At: d, Name: name})
	}
	return events, nil
}
