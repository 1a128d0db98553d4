package scenario_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/scenario"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestScenarios runs every scenario file, holds it to its assertions and
// compares its run with the golden file.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("find scenarios: got %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			run := read(t, file).Run()
			for _, v := range run.Verdicts {
				if !v.Holds {
					t.Error(v)
				}
			}
			compare(t, strings.TrimSuffix(file, ".yaml")+".golden", run.String())
		})
	}
}

func read(t testing.TB, file string) scenario.Scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Read(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test -update rewrites it):\n%s", golden, diff)
	}
}
