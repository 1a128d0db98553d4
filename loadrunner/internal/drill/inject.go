package drill

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"orchard/loadrunner/internal/drill/control"
)

// inject begins the faults at their times, and the roll-out.
func (c *course) inject(ctx context.Context) error {
	failed := ""
	from := time.Now()
	for _, fault := range c.Faults {
		c.await(ctx, time.Duration(fault.At)-time.Since(from), func(control.World) string { return "not due" })
		if ctx.Err() != nil {
			return ctx.Err()
		}
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
		// Not given up when the drill is stopped: the fault could begin after its undo.
		if err := c.Control.Inject(context.WithoutCancel(ctx), c.before, fault.Kind, target, time.Duration(fault.For)); err != nil {
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
