package world

import (
	"strings"
	"testing"
	"time"
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
