package drill

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"orchard/loadrunner/internal/drill/control"
)

// Bounds of the phases, besides the writes that each needs.
const (
	shortest   = 10 * time.Second // before and after
	phaseLimit = time.Minute      // for the writes of a phase
	lookEvery  = 250 * time.Millisecond
)

// steps go through the phases. What keeps one from its end is in c.seen.
func (c *course) steps(ctx context.Context) {
	c.mark("steady state")
	if !c.steady(ctx) {
		return
	}
	c.load.enter("during")
	c.seen.From = time.Since(c.began)
	if err := c.inject(ctx); err != nil {
		c.seen.Broken = err.Error()
		return
	}
	c.during(ctx)
	c.load.enter("after")
	c.mark("after")
	c.enough(ctx, "after", shortest)
}

// steady lets the load run and tells whether the steady state holds.
func (c *course) steady(ctx context.Context) bool {
	long := shortest
	if c.Load.Spike != nil {
		long = settling
	}
	c.enough(ctx, "before", long)
	for _, o := range objectives(c.Before) {
		if outcome := o.Judge(c.load.phase("before"), nil); !outcome.Met {
			c.seen.Broken = fmt.Sprintf("the steady state does not hold: %s is missed with %s", outcome.Objective, outcome.Value)
			return false
		}
	}
	w, err := c.Control.World(ctx)
	if err != nil {
		c.seen.Broken = err.Error()
		return false
	}
	c.before = w
	c.seen.Scaling = scalingOf(w)
	return ctx.Err() == nil
}

// enough waits until a phase has lasted and has its writes.
func (c *course) enough(ctx context.Context, phase string, long time.Duration) {
	from := time.Now()
	c.await(ctx, phaseLimit, func(control.World) string {
		if time.Since(from) < long || c.load.acknowledged(phase) < MinAcknowledged {
			return "too few writes"
		}
		return ""
	})
}

// inject begins the faults at their times, and the roll-out.
func (c *course) inject(ctx context.Context) error {
	failed := ""
	from := time.Now()
	for _, fault := range c.Faults {
		c.await(ctx, time.Duration(fault.At)-time.Since(from), func(control.World) string { return "not due" })
		target, err := Select(fault.Target, c.before, failed)
		if err != nil {
			return err
		}
		if kinds[fault.Kind].target == "zone" {
			failed = target
		}
		if err := c.journal.add(Undo{Fault: fault.Kind, Target: target}); err != nil {
			return err
		}
		c.mark("%s of %s", fault.Kind, target)
		if err := c.Control.Inject(ctx, c.before, fault.Kind, target, time.Duration(fault.For)); err != nil {
			return err
		}
		c.hits = append(c.hits, Hit{fault.Kind, target})
	}
	if c.Release == "" {
		return nil
	}
	return c.rollOut(ctx)
}

// rollOut deploys the drill's release. The command returns while it is rolled out.
func (c *course) rollOut(ctx context.Context) error {
	if len(c.Deploy) == 0 {
		return fmt.Errorf("drill %s rolls a release out: give the command that does after --", c.Drill)
	}
	path, err := filepath.Abs(filepath.Join(c.Folder, "release-"+c.before.Stack+"-"+c.Release))
	if err != nil {
		return fmt.Errorf("name release: %w", err)
	}
	binary, err := filepath.Abs(c.Binary)
	if err != nil {
		return fmt.Errorf("name release: %w", err)
	}
	if err := c.journal.add(Undo{Argv: deploy(c.Deploy, binary), Remove: path}); err != nil {
		return err
	}
	if err := makeRelease(c.Release, binary, path); err != nil {
		return err
	}
	c.mark("a %s release is deployed", c.Release)
	return command(ctx, deploy(c.Deploy, path))
}

// during waits until the faults are over and seen, the stack is whole, and what
// clients may notice of it has had its time.
func (c *course) during(ctx context.Context) {
	rules := c.rules(c.cloud)
	least := max(c.lasting(), c.bound().Gap+patience)
	from := c.began.Add(c.seen.From)
	unseen := slices.Clone(c.hits)
	limit := c.lasting() + time.Duration(c.Within)
	lacks := c.await(ctx, limit-time.Since(from), func(w control.World) string {
		unseen = slices.DeleteFunc(unseen, func(h Hit) bool { return effect(h, c.before, w) })
		c.seen.Injected = len(unseen) == 0 && c.happened(w)
		lacks := whole(w, c.before, c.hits, rules)
		switch {
		case !c.seen.Injected:
			return "no effect has been seen yet"
		case lacks != "":
			c.seen.Whole = 0
			return lacks
		case c.seen.Whole == 0:
			c.seen.Whole = time.Since(from)
			c.mark("whole again")
		}
		if time.Since(from) < least || c.load.acknowledged("during") < MinAcknowledged {
			return "time"
		}
		return ""
	})
	if lacks != "" {
		c.seen.Lacks = lacks
		c.mark("given up after %v: %s", limit, lacks)
	}
}

// happened says whether what is no fault has an effect: the roll-out has ended as it
// should, and the spike has scaled out and is over.
func (c *course) happened(w control.World) bool {
	if c.Release != "" && !c.rolledOut(w) {
		return false
	}
	s := c.Load.Spike
	return s == nil || time.Since(c.began) > settling+time.Duration(s.Width)
}

func (c *course) rolledOut(w control.World) bool {
	want := map[string]string{"good": "done", "bad": "failed"}[c.Release]
	for n, g := range w.Groups {
		before := c.before.Groups[n].Rollout
		if g.Rollout == nil || before != nil && before.Version == g.Rollout.Version || g.Rollout.Status != want {
			return false
		}
	}
	return true
}

// await looks at the world until lacks returns nothing, for at most so long, and
// returns what it lacked last. It takes down how the groups scale.
func (c *course) await(ctx context.Context, limit time.Duration, lacks func(control.World) string) string {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	over := time.NewTimer(limit)
	defer over.Stop()
	last := "the daemon has not answered"
	for {
		if w, err := c.Control.World(ctx); err == nil {
			c.seen.Scaling.add(scalingOf(w))
			if last = lacks(w); last == "" {
				return ""
			}
		}
		select {
		case <-ctx.Done():
			return "the drill is stopped"
		case <-over.C:
			return last
		case <-ticker.C:
		}
	}
}

func scalingOf(w control.World) (s Scaling) {
	for _, g := range w.Groups {
		s.DesiredBefore += g.Desired
		s.HealthyLeast += g.Healthy
	}
	s.DesiredMost, s.HealthyMost = s.DesiredBefore, s.HealthyLeast
	return s
}

func (s *Scaling) add(now Scaling) {
	s.DesiredMost = max(s.DesiredMost, now.DesiredMost)
	s.HealthyLeast = min(s.HealthyLeast, now.HealthyLeast)
	s.HealthyMost = max(s.HealthyMost, now.HealthyMost)
}

// order sorts phases as they come.
func order(phases []Phase) {
	place := []string{"before", "during", "after"}
	slices.SortFunc(phases, func(a, b Phase) int {
		return cmp.Compare(slices.Index(place, a.Name), slices.Index(place, b.Name))
	})
}
