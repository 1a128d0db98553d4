package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/world"
)

// The drills break a stack under load and count what its clients notice. Their
// figures are in docs/drills.md.
const (
	baseRate   = 300 // requests/s
	spikeRate  = 1500
	drillScale = 30 // the slow clocks' time scale: a metric period is 2 s
)

// detection is how long a load balancer may lead requests to a target that is
// dead: interval × threshold + timeout, as the stacks declare.
var detection = map[string]time.Duration{"aws": 12 * time.Second, "azure": 15 * time.Second}

// drillSettings make a load of 300 requests/s leave the groups alone and one of
// 1,500 scale them out.
var drillSettings = map[string]string{"aws": "requestsPerTarget=9000", "azure": "cpuTarget=6"}

func TestDrills(t *testing.T) {
	t.Parallel()
	for _, cloud := range []string{"aws", "azure"} {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, "CLOUD="+cloud, fmt.Sprintf("TIMESCALE=%d", drillScale), "CONFIG="+drillSettings[cloud])
			s.up()
			if status, _, body := s.ask("POST", "/api/v1/fruit/", fruit); status != 201 {
				t.Fatalf("POST of the first fruit: got %d %s", status, body)
			}
			s.healthy(3)
			d := &drills{stack: s, cloud: cloud, load: s.newLoad(baseRate)}
			d.run(t)
		})
	}
}

// drills are the drills of one stack, under one load.
type drills struct {
	*stack
	cloud string
	load  *load
}

func (d *drills) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); d.load.run(ctx) }()
	defer func() { stop(); <-ended }()
	lost := int(baseRate*detection[d.cloud].Seconds())/3 + connections
	for _, drill := range []struct {
		name  string
		do    func()
		bound int // requests that may fail
	}{
		{"steady load", func() { d.pass(5 * time.Second) }, 0},
		{"an instance is killed", d.killInstance, lost},
		{"a zone is lost", d.loseZone, lost},
		{"the load is five times as high, and falls again", d.spike, 0},
		{"a new release is rolled out", d.rollOut, 0},
		{"a release that does not start is rolled out", d.rollOutBroken, 0},
	} {
		if !t.Run(drill.name, func(t *testing.T) { d.in(t).drill(drill.name, drill.do, drill.bound) }) {
			return // what comes next would start from a broken stack
		}
	}
}

func (d *drills) in(t *testing.T) *drills {
	d.stack = d.stack.in(t)
	return d
}

// drill breaks something, waits until the stack is whole again, and judges what
// the load saw meanwhile.
func (d *drills) drill(name string, do func(), bound int) {
	d.t.Helper()
	from := time.Now()
	do()
	d.whole(3)
	whole := time.Since(from)
	d.pass(2 * time.Second) // so that the requests in flight are counted
	out := d.load.since(from)
	d.t.Logf("%s, %s: %d of %d requests failed (at most %d may), the last %.1f s after the fault; p99 %s; whole again after %.1f s; %v",
		d.cloud, name, out.failed, out.sent, bound, out.recovery.Seconds(), out.p99.Round(time.Millisecond), whole.Seconds(), out.reasons)
	if out.failed > bound {
		d.t.Errorf("%s: %d requests failed, at most %d may: %v", name, out.failed, bound, out.reasons)
	}
	if out.sent == 0 {
		d.t.Errorf("%s: no request was sent", name)
	}
}

// pass lets the load run.
func (d *drills) pass(long time.Duration) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.t.Context().Done():
	}
}

// whole waits until the group has so many instances, all healthy and no others.
func (d *drills) whole(want int) {
	d.t.Helper()
	d.eventually(fmt.Sprintf("a whole group of %d", want), 3*time.Minute, func() (bool, string) {
		w := d.world()
		for _, i := range w.Instances {
			if i.State != string(world.InService) || i.Health != "healthy" {
				return false, fmt.Sprintf("%+v", w.Instances)
			}
		}
		g := w.Groups[0]
		return len(w.Instances) == want && g.Desired == want && g.Healthy == want, fmt.Sprintf("%+v %+v", g, w.Instances)
	})
}

func (d *drills) fault(args ...string) string {
	d.t.Helper()
	cmd := d.command(d.t.Context(), filepath.Join(d.root, "bin/localcloud"), append([]string{"fault"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("localcloud fault %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (d *drills) killInstance() {
	victim := d.world().Instances[0].ID
	d.fault("instance-kill", victim)
	d.eventually("the instance's replacement", time.Minute, func() (bool, string) { return d.replaced(victim), victim })
}

// loseZone takes a zone away for as long as the stack needs to notice, and gives
// it back.
func (d *drills) loseZone() {
	zone := d.world().Zones[1].Name
	d.fault("zone-down", zone, "--for", "30s")
	d.eventually("the zone's end", 20*time.Second, func() (bool, string) {
		z := d.world().Zones[1]
		return z.Healthy == 0, fmt.Sprintf("%+v", z)
	})
	d.eventually("the fault's end", 40*time.Second, func() (bool, string) {
		faults := d.world().Faults
		return len(faults) == 0, fmt.Sprintf("%+v", faults)
	})
	d.eventually("instances in every zone", 2*time.Minute, func() (bool, string) {
		zones := d.world().Zones
		for _, z := range zones {
			if z.Healthy == 0 {
				return false, fmt.Sprintf("%+v", zones)
			}
		}
		return true, ""
	})
}

func (d *drills) spike() {
	d.load.setRate(spikeRate)
	from := time.Now()
	d.whole(6)
	d.t.Logf("%s: six instances healthy %.1f s after the load went up to %d requests/s", d.cloud, time.Since(from).Seconds(), spikeRate)
	d.load.setRate(baseRate)
	from = time.Now()
	d.whole(3)
	d.t.Logf("%s: three instances %.1f s after the load went down again", d.cloud, time.Since(from).Seconds())
}

// newBinary is the release with something after its end: it runs, under another
// digest.
func (d *drills) newBinary(name, addition string) string {
	d.t.Helper()
	binary, err := os.ReadFile(filepath.Join(d.root, "bin/orchard"))
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, append(binary, addition...), 0o755); err != nil {
		d.t.Fatal(err)
	}
	return path
}

func (d *drills) rollOut() {
	before := d.release()
	d.up("RELEASE=" + d.newBinary("orchard", "another release"))
	d.rolledOut("done")
	if got := d.release(); got == before {
		d.t.Errorf("release after the roll-out: got %s still", got)
	}
}

// rolledOut waits for the end of the roll-out.
func (d *drills) rolledOut(want string) {
	d.t.Helper()
	d.eventually("a roll-out that is "+want, 5*time.Minute, func() (bool, string) {
		r := d.world().Groups[0].Rollout
		return r != nil && r.Status == want, fmt.Sprintf("%+v", r)
	})
}

// rollOutBroken rolls out a program that ends at once. The old release goes on
// serving, and the roll-out fails when it has stalled for as long as its cloud
// waits.
func (d *drills) rollOutBroken() {
	before := d.release()
	broken, err := os.ReadFile("/bin/false")
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.t.TempDir(), "orchard")
	if err := os.WriteFile(path, broken, 0o755); err != nil {
		d.t.Fatal(err)
	}
	d.up("RELEASE=" + path)
	d.rolledOut("failed")
	if got := d.release(); got != before {
		d.t.Errorf("release that serves after the roll-out has failed: got %s, want %s", got, before)
	}
}
