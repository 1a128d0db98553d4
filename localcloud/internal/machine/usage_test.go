package machine_test

import (
	"sync"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
)

func usage(t *testing.T, h *machine.Handle) time.Duration {
	t.Helper()
	usages, err := machine.Usages([]machine.Record{h.Record})
	if err != nil {
		t.Fatal(err)
	}
	sum, ok := usages[h.Record.ID]
	if !ok {
		t.Fatalf("usage of %s: got none", h.Record.ID)
	}
	return sum
}

// work uses processor time in a process that has ended when it is measured,
// and whose parent has, too.
const work = `#!/bin/bash
(/bin/bash -c 'for ((i = 0; i < 200000; i++)); do :; done' &)
`

func TestUsageKeepsTheTimeOfProcessesThatHaveEnded(t *testing.T) {
	t.Parallel()
	h := start(t, spec(t, work))
	booted(t, h)
	eventually(t, "the work has ended", func() bool { return len(left(t, h.Record.ID)) == 1 })
	if got := usage(t, h); got < 50*time.Millisecond {
		t.Errorf("usage: got %s, want at least 50ms of the work that has ended", got)
	}
}

// BenchmarkUsages measures 100 instances with a service each.
func BenchmarkUsages(b *testing.B) {
	const instances = 100
	records := make([]machine.Record, instances)
	var starting sync.WaitGroup
	for i := range records {
		h := start(b, spec(b, service+"systemctl start app\n"))
		records[i] = h.Record
		starting.Go(func() { booted(b, h) })
	}
	starting.Wait()
	for b.Loop() {
		usages, err := machine.Usages(records)
		if err != nil || len(usages) != instances {
			b.Fatalf("got %d instances, %v", len(usages), err)
		}
	}
}
