package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"orchard/infra/internal/planned"
	"orchard/infra/internal/preview"
)

// plan is of one stack as it goes up from nothing, for the file NAME.txt.
type plan struct {
	name, stack string
	set         map[string]string
}

// variants are plans that no stack's file makes.
var variants = []plan{
	{"dev-zonal", "dev", map[string]string{"topology": "zonal"}},
	{"prod-zonal", "prod", map[string]string{"topology": "zonal"}},
	{"load-100", "load", map[string]string{"nodes": "100"}},
	{"load-azure-100", "load-azure", map[string]string{"nodes": "100"}},
}

// planAll writes the plan of every stack that the project ships to a folder.
func planAll(command *cobra.Command, o *options) error {
	names, err := planned.Names(o.project)
	if err != nil {
		return err
	}
	plans := slices.Clone(variants)
	for _, name := range names {
		plans = append(plans, plan{name: name, stack: name})
	}
	for _, each := range plans {
		text, err := each.text(command.Context(), o)
		if err != nil {
			return fmt.Errorf("plan %s: %w", each.name, err)
		}
		path := filepath.Join(o.out, each.name+".txt")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write plan: %w", err)
		}
	}
	return nil
}

// text plans with the engine and without. The release is one that nobody
// runs, so that a plan is the same whatever was built.
func (p plan) text(ctx context.Context, o *options) (string, error) {
	folder, err := os.MkdirTemp("", "orchard-plan-")
	if err != nil {
		return "", fmt.Errorf("make a folder to plan in: %w", err)
	}
	defer os.RemoveAll(folder)
	own := *o
	own.stack, own.work, own.release = p.stack, folder, filepath.Join(folder, "release")
	own.set = map[string]string{} // the session adds to it
	maps.Copy(own.set, p.set)
	madeUp, err := planned.Read(o.project, p.stack, p.set)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(own.release, madeUp.Release, 0o600); err != nil {
		return "", fmt.Errorf("write release: %w", err)
	}
	saved, err := own.savePlan(ctx, filepath.Join(folder, "plan.json"))
	if err != nil {
		return "", err
	}
	return preview.Text(saved, madeUp)
}
