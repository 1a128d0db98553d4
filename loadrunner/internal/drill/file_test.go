package drill

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shipped are the drills that the project ships, by name.
var shipped = []string{
	"bad-release", "database-failover", "database-kill", "good-release", "instance-hang", "instance-kill",
	"launch-failure", "port-block", "spike", "standby-loss", "zone-hang", "zone-loss",
}

func TestShippedDrills(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("../../drills/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(shipped) {
		t.Errorf("drills: got %d, want %d: %v", len(found), len(shipped), found)
	}
	for _, name := range shipped {
		f, err := Read("../../drills/" + name + ".yaml")
		if err != nil {
			t.Error(err)
		}
		if f.Drill != name {
			t.Errorf("drill of %s.yaml: got %q, want the file's name", name, f.Drill)
		}
	}
}

func TestReadReportsEveryMistake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bad.yaml")
	text := `
drill: bad
about: All of it is wrong.
load: {rate: 100, mix: {list: 90, create: 10}}
before: [p99 < soon]
faults:
  - {kind: zone-down, target: an instance}
  - {kind: instance-kill, target: an instance, for: 10s}
  - {kind: flood, target: an instance}
release: ugly
expect: {gcp: [{rule: no-drain, source: here}], azure: [{rule: rain}]}
unknown: 1
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path)
	if err == nil {
		t.Fatal("Read of a bad drill: got no error")
	}
	for _, want := range []string{
		"unknown", "give within", "good or bad", "200 requests/s", "20 % or more", `there is no fault "flood"`,
		"target of zone-down", "zone-down lasts: give for", "instance-kill happens once", "needs the rollback deploy-release",
		"aws or azure", "give a rule", "p99 < soon",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Read of a bad drill: got %v\nwant %q in it", err, want)
		}
	}
}
