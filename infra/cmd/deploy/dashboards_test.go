package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orchard/infra/internal/planned"
)

// dashboards runs the command without an engine.
func dashboards(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), append([]string{"dashboards", "--project", "../../.."}, args...), os.Getenv, &stdout, &stderr)
	return stdout.String(), err
}

// TestDashboards: a planned stack and the outputs of one that is up lead to
// dashboards that differ in the cloud's names alone.
func TestDashboards(t *testing.T) {
	folder := t.TempDir()
	if _, err := dashboards(t, "--stack", "prod", "--out", folder); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "prod.json")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planned.Read("../../..", "prod", nil)
	if err != nil {
		t.Fatal(err)
	}
	plan.Outputs["database"].(map[string]any)["id"] = "database-of-the-cloud"
	text, err := json.Marshal(plan.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "outputs.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	told, err := dashboards(t, "--stack", "prod", "--out", folder, "--outputs", file)
	if err != nil || told != path+"\n" {
		t.Fatalf("dashboards of the outputs in a file: got %q, %v, want %s", told, err, path)
	}
	second, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(second), "database-of-the-cloud", "instance-database"); got != string(first) {
		t.Errorf("got a dashboard of %d bytes from the file, want that of the plan, %d bytes, but for the database's name", len(second), len(first))
	}
	if bytes.Equal(first, second) {
		t.Error("the database's name in the outputs is not in the dashboard")
	}
}

func TestDashboardsRefuse(t *testing.T) {
	for name, args := range map[string][]string{
		"a load runner":      {"--stack", "load"},
		"an unknown stack":   {"--stack", "nowhere"},
		"no file":            {"--outputs", "missing.json"},
		"a file of no stack": {"--outputs", "main.go"},
	} {
		if told, err := dashboards(t, append(args, "--out", t.TempDir())...); err == nil {
			t.Errorf("%s: got %q, want an error", name, told)
		}
	}
}
