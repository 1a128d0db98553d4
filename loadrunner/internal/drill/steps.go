package drill

import (
	"context"
	"fmt"
	"slices"
	"time"

	"orchard/loadrunner/internal/drill/control"
)

// Bounds of the phases, besides the writes that each needs.
const (
	shortest   = 10 * time.Second // before and after
	phaseLimit = time.Minute      // for the writes of a phase
	// steadyLimit is how long the steady state is looked for.
	steadyLimit = 2 * time.Minute
	lookEvery   = 250 * time.Millisecond
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

// steady lets the load run and tells whether the steady state holds. One that does not
// hold yet is looked for again, anew each time: a stack that has just come up, or other
// work on the machine, may need a while. A spike comes at its time and leaves one look.
func (c *course) steady(ctx context.Context) bool {
	long, limit := shortest, steadyLimit
	if c.Load.Spike != nil {
		long, limit = settling, 0
	}
	for from := time.Now(); ; c.load.again() {
		c.enough(ctx, "before", long)
		missed := c.missed()
		if missed == "" {
			break
		}
		if time.Since(from) > limit || ctx.Err() != nil {
			c.seen.Broken = "the steady state does not hold: " + missed
			return false
		}
		c.say("no steady state yet: %s", missed)
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

// missed returns which objective of the steady state is missed, or nothing.
func (c *course) missed() string {
	for _, o := range objectives(c.Before) {
		if outcome := o.Judge(c.load.phase("before"), nil); !outcome.Met {
			return fmt.Sprintf("%s is missed with %s", outcome.Objective, outcome.Value)
		}
	}
	return ""
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
