package main

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the document anew")

// TestResourcesDocument keeps docs/resources.md at what the tables say.
func TestResourcesDocument(t *testing.T) {
	t.Parallel()
	const path = "../../../docs/resources.md"
	if *update {
		if err := os.WriteFile(path, []byte(resources()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(resources(), string(have)); diff != "" {
		t.Errorf("%s is not what the tables say; run this test with -update (-tables +document):\n%s", path, diff)
	}
}
