package drill

import (
	"strings"
	"testing"

	"orchard/loadrunner/internal/drill/control"
)

func TestWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*control.World)
		hits   []Hit
		rules  []Rule
		want   string // in what it lacks; empty for nothing
	}{
		"as before":                           {func(*control.World) {}, nil, nil, ""},
		"a fault in force":                    {func(w *control.World) { w.Faults = []control.Fault{{Kind: "zone-down", Target: "a"}} }, nil, nil, "in force"},
		"an unhealthy instance":               {func(w *control.World) { w.Instances[0].Health = "unhealthy" }, nil, nil, "i-a"},
		"one too few":                         {func(w *control.World) { w.Groups[0].Healthy = 2 }, nil, nil, "2 of 3"},
		"still scaled out":                    {func(w *control.World) { w.Groups[0].Desired, w.Groups[0].Healthy = 4, 4 }, nil, nil, "wants 4"},
		"rolling":                             {func(w *control.World) { w.Groups[0].Rollout = &control.Rollout{Version: 2, Status: "rolling"} }, nil, nil, "rolls version 2"},
		"no standby":                          {func(w *control.World) { w.Databases[0].Servers = w.Databases[0].Servers[:1] }, nil, nil, "1 of 2 servers"},
		"standby behind":                      {func(w *control.World) { w.Databases[0].Servers[1].Sync = "async" }, nil, nil, "async"},
		"an empty zone":                       {func(w *control.World) { w.Zones[2].Healthy = 0 }, nil, nil, "zone c"},
		"an empty zone, by its cloud's rules": {func(w *control.World) { w.Zones[2].Healthy = 0 }, nil, []Rule{NotRebalanced}, ""},
		"the hit instance is there still":     {func(*control.World) {}, []Hit{{"instance-hang", "i-c"}}, nil, "has not been replaced"},
		"a launch that failed": {func(w *control.World) {
			w.Instances = append(w.Instances, control.Instance{ID: "i-d", Zone: "c", State: "terminating"})
		}, nil, nil, "i-d"},
		"a launch that failed, and does not agree to its end": {func(w *control.World) {
			w.Instances = append(w.Instances, control.Instance{ID: "i-d", Zone: "c", State: "terminating"})
		}, nil, []Rule{NoticeUnanswered}, ""},
		"an unhealthy instance of before, under the same rule": {func(w *control.World) { w.Instances[0].Health = "unhealthy" }, nil, []Rule{NoticeUnanswered}, "i-a"},
		"the same primary": {func(*control.World) {}, []Hit{{"database-primary-kill", "fruit"}}, nil, "no standby has taken over"},
		"another primary": {func(w *control.World) {
			s := w.Databases[0].Servers
			s[0].Zone, s[1].Zone = s[1].Zone, s[0].Zone
		}, []Hit{{"database-primary-kill", "fruit"}}, nil, ""},
		"a cloud that does not repair it": {func(*control.World) {}, []Hit{{"instance-hang", "i-c"}}, []Rule{NotRepaired}, ""},
	} {
		w := sample()
		c.change(&w)
		got := whole(w, sample(), c.hits, c.rules)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestEffect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hit    Hit
		change func(*control.World)
	}{
		{Hit{"instance-kill", "i-c"}, func(w *control.World) { w.Instances = w.Instances[:2] }},
		{Hit{"instance-hang", "i-c"}, func(w *control.World) { w.Instances[2].Health = "unhealthy" }},
		{Hit{"zone-down", "c"}, func(w *control.World) { w.Zones[2].Healthy = 0 }},
		{Hit{"launch-failures", "c"}, func(w *control.World) { w.Faults = []control.Fault{{Kind: "launch-failures", Target: "c"}} }},
		{Hit{"database-primary-kill", "fruit"}, func(w *control.World) { w.Databases[0].Servers[0].PID = 99 }},
		{Hit{"database-standby-kill", "fruit"}, func(w *control.World) { w.Databases[0].Servers = w.Databases[0].Servers[:1] }},
	} {
		if effect(c.hit, sample(), sample()) {
			t.Errorf("effect of %v in the same world: got true, want false", c.hit)
		}
		w := sample()
		c.change(&w)
		if !effect(c.hit, sample(), w) {
			t.Errorf("effect of %v: got false, want true in %+v", c.hit, w)
		}
	}
}
