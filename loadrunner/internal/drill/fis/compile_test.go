package fis

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/drill"
)

var update = flag.Bool("update", false, "write the templates that are checked in")

const drills = "../../../drills"

// TestTemplates holds the templates that are checked in to the drills, each of which
// has one or a reason to have none.
func TestTemplates(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(drills, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("drills: got %v, %v", files, err)
	}
	for _, file := range files {
		f, err := drill.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(drills, "fis", f.Drill+".json")
		compiled, err := Compile(f)
		if why, none := None[f.Drill]; none {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("Compile(%s): got %v, want that %s", f.Drill, err, why)
			}
			continue
		}
		if err != nil {
			t.Errorf("Compile(%s): %v", f.Drill, err)
			continue
		}
		compare(t, path, compiled)
	}
}

func compare(t *testing.T, path string, compiled Template) {
	t.Helper()
	got, err := compiled.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; loadrunner drill compile writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the drill compiles to, write it with -update (-checked in +compiled):\n%s", path, diff)
	}
}
