package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"orchard/loadrunner/internal/drill/fis"
)

func drillCompileCommand() *cobra.Command {
	var folder string
	c := &cobra.Command{
		Use:   "compile FILE...",
		Short: "Write drills as experiment templates of AWS Fault Injection Service, where they have actions there",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, names []string) error {
			files, err := readDrills(names)
			if err != nil {
				return err
			}
			for _, f := range files {
				if why, none := fis.None[f.Drill]; none {
					fmt.Fprintf(c.OutOrStdout(), "%s has none: %s\n", f.Drill, why)
					continue
				}
				t, err := fis.Compile(f)
				if err != nil {
					return err
				}
				path := filepath.Join(folder, f.Drill+".json")
				if err := writeTemplate(path, t); err != nil {
					return err
				}
				fmt.Fprintln(c.OutOrStdout(), path)
			}
			return nil
		},
	}
	c.Flags().StringVar(&folder, "out", "drills/fis", "folder for the templates")
	return c
}

func writeTemplate(path string, t fis.Template) error {
	text, err := t.JSON()
	return errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644))
}
