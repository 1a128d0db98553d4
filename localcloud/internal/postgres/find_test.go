package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program writes a program that prints a version, as PostgreSQL's do.
func program(t *testing.T, folder, name, version string) {
	t.Helper()
	text := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func installation(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range programs {
		program(t, folder, name, version)
	}
	return folder
}

func TestFind(t *testing.T) {
	t.Parallel()
	newer, older := installation(t, "97.1 (Somewhere 97.1-1)"), installation(t, "96.10")
	path := strings.Join([]string{older, newer, "relative", "/does/not/exist"}, string(os.PathListSeparator))
	for _, test := range []struct {
		prefer int
		want   Install
	}{
		{0, Install{newer, "97.1", 97}},
		{96, Install{older, "96.10", 96}},
		{95, Install{newer, "97.1", 97}},
	} {
		got, err := Find(t.Context(), Search{Path: path, Prefer: test.prefer})
		if err != nil || got != test.want {
			t.Errorf("prefer %d: got %+v, %v, want %+v", test.prefer, got, err, test.want)
		}
	}
}

func TestFindNone(t *testing.T) {
	t.Parallel()
	incomplete := t.TempDir()
	program(t, incomplete, "postgres", "16.1")
	for folder, want := range map[string]string{
		incomplete:                  "lacks initdb",
		installation(t, "13.20"):    "is version 13.20",
		installation(t, "sixteen"):  "version not understood",
		filepath.Join("/", "noway"): "apt-get install postgresql",
	} {
		_, err := Find(t.Context(), Search{Folder: folder})
		if !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want ErrNotInstalled with %q", folder, err, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	if got := choose([]Install{{Version: "15.9", Major: 15}, {Version: "15.10", Major: 15}}, 0); got.Version != "15.10" {
		t.Errorf("got %s, want 15.10: versions are numbers, not text", got.Version)
	}
}
