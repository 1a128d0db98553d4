package drill

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/report"
	"orchard/loadrunner/internal/results"
)

// base is the path of what the drill leaves, without an ending: the results of its load
// are a folder of that name, its verdict and its page files beside it.
func (c *course) base() string { return filepath.Join(c.Folder, c.cloud+"-"+c.Drill) }

// write writes the verdict down as JSON, and as a page with the load and the faults.
func (c *course) write(v Verdict, d *results.Document) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.WriteFile(c.base()+".json", append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	d.Events, d.Objectives, d.Broken = c.events, v.outcomes(), c.seen.Broken
	if err := results.Rewrite(c.base(), d); err != nil {
		return err
	}
	return report.WriteHTML(c.base()+".html", c.base())
}

// outcomes are what the verdict consists of, as a report shows objectives.
func (v Verdict) outcomes() []objective.Outcome {
	duration := func(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
	line := func(name string, value, bound any, met bool) objective.Outcome {
		return objective.Outcome{Objective: fmt.Sprintf("%s ≤ %v", name, bound), Value: fmt.Sprint(value), Met: met}
	}
	gap, noWrite := duration(v.LongestGap), duration(v.LongestNoWrite)
	out := []objective.Outcome{
		{Objective: "drill " + v.Drill + " on " + v.Cloud, Value: v.Verdict, Met: v.Verdict == Pass},
		line("failed", v.Failed, v.Bound.Failed, v.Failed <= uint64(v.Bound.Failed)),
		line("longest gap", gap, v.Bound.Gap, gap <= v.Bound.Gap),
		line("longest gap of writes", noWrite, v.Bound.WriteGap, noWrite <= v.Bound.WriteGap),
		line("lost", v.Lost, 0, v.Lost == 0),
		line("duplicated", v.Duplicated, 0, v.Duplicated == 0),
		{Objective: "clients recovered after", Value: duration(v.Recovered).String(), Met: true},
		{Objective: "the stack was whole after", Value: duration(v.Whole).String(), Met: v.Whole > 0},
	}
	for _, p := range v.Phases {
		for _, o := range p.Objectives {
			out = append(out, objective.Outcome{Objective: p.Name + ": " + o.Objective, Value: o.Value, Met: o.Met})
		}
	}
	return out
}
