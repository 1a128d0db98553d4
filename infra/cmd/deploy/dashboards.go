package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"orchard/infra/internal/grafana"
	"orchard/infra/internal/outputs"
	"orchard/infra/internal/planned"
)

// dashboardsCommand needs neither an engine nor an account.
func (o *options) dashboardsCommand() *cobra.Command {
	var file, folder string
	command := o.command("dashboards", "Write a Grafana dashboard from the stack's outputs", func(_ *cobra.Command, o *options) error {
		return o.writeDashboard(file, folder)
	})
	command.Flags().StringVar(&file, "outputs", "", "a file with the outputs of a stack that is up, as the command outputs prints them; without it the stack is planned, and the cloud's names in the dashboard are made up")
	command.Flags().StringVar(&folder, "out", "out/dashboards", "the folder to write to; made if missing")
	return command
}

func (o *options) writeDashboard(file, folder string) error {
	of, err := o.stackOutputs(file)
	if err != nil {
		return err
	}
	text, err := grafana.Dashboard(o.stack, of)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make folder for dashboards: %w", err)
	}
	path := filepath.Join(folder, o.stack+".json")
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write dashboard: %w", err)
	}
	fmt.Fprintln(o.stdout, path)
	return nil
}

// stackOutputs reads the file, or plans the stack where there is none.
func (o *options) stackOutputs(file string) (outputs.Stack, error) {
	if file == "" {
		plan, err := planned.Read(o.project, o.stack, o.set)
		if err != nil {
			return outputs.Stack{}, err
		}
		return outputs.Decode(plan.Outputs)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return outputs.Stack{}, fmt.Errorf("read outputs: %w", err)
	}
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		return outputs.Stack{}, fmt.Errorf("read outputs from %s: %w", file, err)
	}
	return outputs.Decode(values)
}
