package world

import (
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/postgres"
)

func TestFaultOfNoDatabase(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	put(t, w, resource("one"))
	for _, kind := range FaultKinds {
		if kind.Target != "database" {
			continue
		}
		_, err := w.Inject(kind.Name, "fruit", time.Minute)
		if err == nil || !strings.Contains(err.Error(), "no database fruit") {
			t.Errorf("%s of a database that there is not: got %v, want an error that names it", kind.Name, err)
		}
	}
	if err := w.FailOver("fruit"); err == nil || !strings.Contains(err.Error(), "no database fruit") {
		t.Errorf("failover of a database that there is not: got %v, want an error that names it", err)
	}
}

func TestDatabaseTiming(t *testing.T) {
	t.Parallel()
	w := openWorld(t, worldFolder(t))
	put(t, w, resource("one"))
	for _, test := range []struct {
		set  time.Duration
		want postgres.Timing
	}{
		{0, postgres.Timing{Detection: 6 * time.Second, Address: 3 * time.Second}}, // the cloud's, over 10
		{2 * time.Second, postgres.Timing{Detection: 2 * time.Second}},
	} {
		w.opts.DatabaseDetection = test.set
		if got := w.databaseTiming(); got != test.want {
			t.Errorf("timing with detection set to %s: got %+v, want %+v", test.set, got, test.want)
		}
	}
}

// The fault that has the name of an action of AWS Fault Injection Service is
// found by it.
func TestFaultByAction(t *testing.T) {
	t.Parallel()
	if k, err := faultKind("aws:rds:reboot-db-instances"); err != nil || k.Name != DatabaseFailover {
		t.Errorf("fault kind by its action: got %q, %v; want %q", k.Name, err, DatabaseFailover)
	}
	if (Fault{Kind: DatabasePrimaryKill}).happened() {
		t.Error("a kill that was not done yet has happened")
	}
}
