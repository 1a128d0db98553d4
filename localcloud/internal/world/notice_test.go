package world

import (
	"context"
	"errors"
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// agreeing is a cloud whose instances agree to their end when the test says so.
type agreeing struct {
	nameless
	announced chan Instance
	agreed    chan struct{}
}

func (c agreeing) Announce(_ *World, i Instance, _ time.Time) <-chan struct{} {
	c.announced <- i
	return c.agreed
}

// told is a world in which an instance of a group is about to be terminated.
func told(t *testing.T, notice time.Duration) (*World, agreeing) {
	t.Helper()
	w := openWorld(t, worldFolder(t))
	cloud := agreeing{announced: make(chan Instance, 1), agreed: make(chan struct{})}
	w.opts.Clouds = map[string]Cloud{"here": cloud}
	w.state.Cloud = "here"
	w.declared.Groups = map[string]Group{"g": {ID: "g", Notice: notice, Pools: []string{"p"}}}
	i := &Instance{ID: "one", Group: "g", Address: "127.1.1.4", State: InService}
	w.state.Instances[i.ID] = i
	w.actual.leaving[i.ID] = w.toBeTold(i)
	i.State = Terminating
	return w, cloud
}

func (w *World) targetsNow() []balancer.Target {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.targets(Pool{ID: "p", Port: 80})
}

func TestInstanceStaysInPoolsUntilItAgrees(t *testing.T) {
	t.Parallel()
	w, cloud := told(t, 1000*time.Hour)
	done := make(chan error)
	go func() { done <- w.giveNotice(t.Context(), "one") }()
	if i := <-cloud.announced; i.ID != "one" {
		t.Errorf("announced: got %+v, want instance one", i)
	}
	if got := w.targetsNow(); len(got) != 1 {
		t.Errorf("targets before it agrees: got %v, want the instance", got)
	}
	close(cloud.agreed)
	if err := <-done; err != nil {
		t.Errorf("give notice: got %v", err)
	}
	if got := w.targetsNow(); len(got) != 0 {
		t.Errorf("targets after it has agreed: got %v, want none", got)
	}
}

func TestNoticeEnds(t *testing.T) {
	t.Parallel()
	t.Run("time is over", func(t *testing.T) {
		t.Parallel()
		w, _ := told(t, time.Millisecond)
		if err := w.giveNotice(t.Context(), "one"); err != nil || w.actual.leaving["one"] {
			t.Errorf("give notice: got %v, leaving %t; want it to be over", err, w.actual.leaving["one"])
		}
	})
	t.Run("the instance has gone", func(t *testing.T) {
		t.Parallel()
		w, cloud := told(t, 1000*time.Hour)
		w.actual.gone["one"] = time.Now()
		if err := w.giveNotice(t.Context(), "one"); err != nil || len(cloud.announced) != 0 {
			t.Errorf("give notice to nobody: got %v, %d announced; want neither", err, len(cloud.announced))
		}
	})
	t.Run("the daemon ends", func(t *testing.T) {
		t.Parallel()
		w, cloud := told(t, 1000*time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.giveNotice(ctx, "one") }()
		<-cloud.announced
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("give notice: got %v, want it to end with the daemon", err)
		}
	})
	t.Run("no notice", func(t *testing.T) {
		t.Parallel()
		w, cloud := told(t, 0)
		if err := w.giveNotice(t.Context(), "one"); err != nil || len(cloud.announced) != 0 || len(w.targetsNow()) != 0 {
			t.Errorf("group without notice: got %v, %d announced, targets %v; want none of it", err, len(cloud.announced), w.targetsNow())
		}
	})
}

func TestLayerDecidesListener(t *testing.T) {
	t.Parallel()
	w, _ := told(t, 0)
	pool, err := balancer.NewPool(balancer.PoolConfig{Check: checkOfTest(t), Dial: w.dialer(lead{balancer: "b"})})
	if err != nil {
		t.Fatal(err)
	}
	for layer, flows := range map[int]bool{7: false, 4: true} {
		b := Balancer{Layer: layer, IdleTimeout: time.Minute}
		open, err := w.bind(b, Listener{}, "127.0.0.9:0", pool, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := open.(*balancer.FlowListener); got != flows {
			t.Errorf("layer %d: got %T", layer, open)
		}
		open.(interface{ Close() }).Close()
	}
}

func checkOfTest(t *testing.T) balancer.Check {
	t.Helper()
	matcher, err := health.ParseMatcher("200")
	if err != nil {
		t.Fatal(err)
	}
	return balancer.Check{
		Path: "/livez", Interval: time.Second, Timeout: time.Second, Matcher: matcher,
		Thresholds: health.Thresholds{InitialSuccesses: 1, Healthy: 1, Unhealthy: 1},
	}
}
