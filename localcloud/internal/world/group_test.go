package world

import (
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/health"
	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/scaling"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// grouped is a world with one group of the instances named, which are in
// service since an hour before noon. Its time scale is 10.
func grouped(t *testing.T, g Group, instances ...string) *World {
	t.Helper()
	w := openWorld(t, worldFolder(t))
	w.state.Cloud = "here"
	g.ID, g.Name = "g", "app"
	w.declared.Zones = []string{"a", "b", "c"}
	w.declared.Groups = map[string]Group{"g": g}
	w.state.Desired["g"] = len(instances)
	for _, id := range instances {
		w.state.Instances[id] = &Instance{
			ID: id, Group: "g", Zone: id[:1], Address: "127.1.1." + id[1:], State: InService,
			Launched: noon.Add(-time.Hour), InService: noon.Add(-time.Hour), TemplateVersion: 1,
		}
	}
	return w
}

func (w *World) states(ids ...string) string {
	var said []string
	for _, id := range ids {
		said = append(said, string(w.state.Instances[id].State))
	}
	return strings.Join(said, ", ")
}

func TestLaunchHook(t *testing.T) {
	t.Parallel()
	hook := &Hook{Name: "serving", Heartbeat: 300 * time.Second, Abandon: true}
	waiting := func(t *testing.T, h *Hook) *World {
		w := grouped(t, Group{Hook: h}, "a4")
		w.state.Instances["a4"].State, w.state.Instances["a4"].Launched = Waiting, noon
		return w
	}
	t.Run("completed", func(t *testing.T) {
		t.Parallel()
		w := waiting(t, hook)
		for _, wrong := range [][2]string{{"a5", "serving"}, {"a4", "other"}} {
			if err := w.CompleteHook(wrong[0], wrong[1], true); err == nil {
				t.Errorf("complete %v: got no error", wrong)
			}
		}
		if err := w.CompleteHook("a4", "serving", true); err != nil || w.states("a4") != "in service" {
			t.Errorf("complete: got %v, %s, want it in service", err, w.states("a4"))
		}
		if err := w.CompleteHook("a4", "serving", true); err == nil {
			t.Error("complete it again: got no error")
		}
	})
	t.Run("given up", func(t *testing.T) {
		t.Parallel()
		w := waiting(t, hook)
		if err := w.CompleteHook("a4", "serving", false); err != nil {
			t.Fatal(err)
		}
		i := w.state.Instances["a4"]
		if w.givenUp(i, i.Abandoned) || !w.givenUp(i, i.Abandoned.Add(lastWords)) {
			t.Errorf("given up: want it %s after it said so, and not before", lastWords)
		}
		w.actual.phases["a4"] = machine.ScriptFailed
		if !w.givenUp(i, i.Abandoned) {
			t.Error("given up after its script has ended: got false")
		}
		if err := w.CompleteHook("a4", "serving", true); err == nil {
			t.Error("complete what was given up: got no error")
		}
		if got := len(w.actual.failures["g"]["a"]); got != 1 {
			t.Errorf("failed launches in zone a: got %d, want 1", got)
		}
	})
	t.Run("heartbeat", func(t *testing.T) {
		t.Parallel()
		for _, tt := range []struct {
			hook      *Hook
			after     time.Duration
			state     string
			abandoned bool
		}{
			{hook, 299 * time.Second, "waiting", false},
			{hook, 300 * time.Second, "waiting", true},
			{&Hook{Name: "serving", Heartbeat: 300 * time.Second}, 300 * time.Second, "in service", false},
			{nil, 0, "in service", false},
		} {
			w := waiting(t, tt.hook)
			w.planHooks(noon.Add(tt.after))
			if got := w.state.Instances["a4"]; string(got.State) != tt.state || got.Abandoned.IsZero() == tt.abandoned {
				t.Errorf("hook %+v after %s: got %s, abandoned %v, want %s, %t", tt.hook, tt.after, got.State, got.Abandoned, tt.state, tt.abandoned)
			}
		}
	})
}

func TestRolloutBegins(t *testing.T) {
	t.Parallel()
	rollout := &Rollout{Bounds: Bounds{Min: 100, Max: 150}, Stall: time.Hour}
	w := grouped(t, Group{TemplateVersion: 1, Rollout: rollout}, "a4", "b4")
	if reasons := w.planRollouts(noon); len(reasons) > 0 || w.state.Rollouts["g"] != nil {
		t.Errorf("a group that is seen first: got %v, want no roll-out", reasons)
	}
	change := func(version int, r *Rollout) {
		g := w.declared.Groups["g"]
		g.TemplateVersion, g.Rollout = version, r
		w.declared.Groups["g"] = g
	}
	change(2, rollout)
	if reasons := w.planRollouts(noon); len(reasons) != 2 || !w.rolling("g") {
		t.Errorf("a changed version: got %v, want both instances replaced", reasons)
	}
	if got := w.boundsOf(w.declared.Groups["g"]); got != rollout.Bounds {
		t.Errorf("bounds during the roll-out: got %v, want its own", got)
	}
	change(3, rollout)
	w.planRollouts(noon.Add(time.Second))
	if got := w.state.Rollouts["g"]; got.Version != 3 || !got.Began.Equal(noon.Add(time.Second)) {
		t.Errorf("a version meanwhile: got %+v, want a roll-out of version 3 from then on", got)
	}
	w.planRollouts(noon.Add(6*time.Minute + time.Second))
	if got := w.state.Rollouts["g"]; got.Status != scaling.RollFailed {
		t.Errorf("an hour at time scale 10 without progress: got %+v, want it failed", got)
	}
	change(4, nil)
	if reasons := w.planRollouts(noon); len(reasons) > 0 || w.state.Rollouts["g"] != nil {
		t.Errorf("a group without roll-outs: got %v, want its instances left alone", reasons)
	}
}

func TestWaitIsAMinuteAtLeast(t *testing.T) {
	t.Parallel()
	for declared, want := range map[time.Duration]time.Duration{
		0: 0, 30 * time.Second: 30 * time.Second, 10 * time.Minute: time.Minute, time.Hour: 6 * time.Minute,
	} {
		w := grouped(t, Group{WaitTimeout: declared})
		if got := w.scalingRollout(Rollout{Stall: declared}).Stall; got != want {
			t.Errorf("stall of %s at time scale 10: got %s, want %s", declared, got, want)
		}
		if got := w.settleTimeout("g"); got != want {
			t.Errorf("a group's wait of %s at time scale 10: got %s, want %s", declared, got, want)
		}
	}
}

func TestRepairsAreLimited(t *testing.T) {
	t.Parallel()
	g := Group{OwnCheck: &HealthCheck{}, Repairs: &Repairs{Share: 5, Tries: 2}}
	w := grouped(t, g, "a4", "b4", "c4")
	unwell := func(ids ...string) {
		for id, i := range w.state.Instances {
			i.Own = health.Healthy
			for n, sick := range ids {
				if id == sick {
					i.Own, i.OwnSince = health.Unhealthy, noon.Add(time.Duration(n)*time.Second)
				}
			}
		}
	}
	want := func(what, want string) {
		t.Helper()
		var got []string
		for id := range w.unwellOf(w.declared.Groups["g"], noon.Add(time.Hour)) {
			got = append(got, id)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q replaced, want %q", what, s, want)
		}
	}
	unwell("b4", "a4")
	want("two are unwell", "b4")
	w.state.Instances["c4"].Own = health.Initial
	want("two are unwell and a third is not well yet", "")
	unwell("b4")
	w.repaired(w.state.Instances["b4"])
	want("one repair has not helped", "b4")
	w.repaired(w.state.Instances["b4"])
	want("two have not: suspended", "")
	if !w.repairsSuspended(w.declared.Groups["g"]) {
		t.Error("status: got repairs that go on, want them suspended")
	}
	w.noteOwnHealth(w.state.Instances["b4"], machine.Health{State: machine.Healthy}, true)
	unwell("a4")
	want("an instance is well: they go on", "a4")
	w.noteOwnHealth(w.state.Instances["a4"], machine.Health{}, false)
	want("an instance that says nothing is left alone", "")
}

// An instance may be terminated in the first look after a daemon was killed,
// before there is a pool that could say that it has drained.
func TestNewPoolForgetsWhoIsNoTarget(t *testing.T) {
	t.Parallel()
	w := grouped(t, Group{Pools: []string{"p"}}, "a4", "b4")
	for _, i := range w.state.Instances {
		i.Health = map[string]health.State{"p": health.Healthy, "q": health.Healthy}
	}
	w.state.Instances["b4"].State = Terminating
	w.forgetOthers(Pool{ID: "p", Port: 80})
	if got := len(w.state.Instances["a4"].Health); got != 2 {
		t.Errorf("pools that know the target: got %d, want both", got)
	}
	if got := w.state.Instances["b4"].Health; len(got) != 1 || got["q"] != health.Healthy {
		t.Errorf("what is known of the instance that goes: got %v, want the other pool's word alone", got)
	}
}
