package drill

import (
	"fmt"
	"slices"
	"time"

	"orchard/loadrunner/internal/mix"
	"orchard/loadrunner/internal/objective"
)

// What every drill must send, for its verdict to say anything.
const (
	MinRate   = 200  // requests/s
	MinWrites = 0.20 // of the requests
)

// kind is a kind of fault, as the local cloud knows it.
type kind struct {
	target string // "instance", "zone" or "database"
	lasts  bool
}

var kinds = map[string]kind{
	"instance-kill":         {"instance", false},
	"instance-hang":         {"instance", true},
	"zone-down":             {"zone", true},
	"zone-hang":             {"zone", true},
	"launch-failures":       {"zone", true},
	"port-blocked":          {"zone", true},
	"database-primary-kill": {"database", false},
	"database-standby-kill": {"database", false},
	"database-failover":     {"database", false},
}

// check returns every mistake of a drill.
func (f File) check() (problems []string) {
	note := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if f.Drill == "" || f.About == "" {
		note("give drill, a name, and about, a sentence")
	}
	if len(f.Faults) == 0 && f.Release == "" && f.Load.Spike == nil {
		note("give faults, a release or a load with a spike: otherwise nothing happens")
	}
	if f.Within == 0 {
		note("give within, how soon the stack is whole again, such as 2m")
	}
	if f.Release != "" && f.Release != "good" && f.Release != "bad" {
		note("release is good or bad, not %q", f.Release)
	}
	if f.Release != "" && !slices.Contains(f.Rollbacks, DeployRelease) {
		note("a release needs the rollback %s", DeployRelease)
	}
	for _, r := range f.Rollbacks {
		if r != EndFaults && r != DeployRelease {
			note("a rollback is %s or %s, not %q", EndFaults, DeployRelease, r)
		}
	}
	problems = append(problems, f.Load.check()...)
	for i, fault := range f.Faults {
		for _, p := range f.checkFault(fault) {
			note("faults[%d]: %s", i, p)
		}
	}
	problems = append(problems, f.checkExpectations()...)
	for _, sentences := range [][]string{f.Before, f.During, f.After} {
		for _, s := range sentences {
			if _, err := objective.Parse(s); err != nil {
				note("%v", err)
			}
		}
	}
	return problems
}

func (l Load) check() (problems []string) {
	if l.Rate < MinRate {
		problems = append(problems, fmt.Sprintf("load: a drill sends %d requests/s or more, not %g", MinRate, l.Rate))
	}
	if l.Spike != nil && (l.Spike.Peak <= l.Rate || l.Spike.Width == 0) {
		problems = append(problems, "load: a spike has a peak above the rate, and a width such as 30s")
	}
	w := l.weights()
	if err := w.Check(); err != nil {
		return append(problems, "load: mix: "+err.Error())
	}
	if share := float64(w.Create+w.Update) / float64(w.List+w.Detail+w.Create+w.Update); share < MinWrites {
		problems = append(problems, fmt.Sprintf("load: %.0f %% or more of the requests write, not %.0f %%", 100*MinWrites, 100*share))
	}
	return problems
}

func (l Load) weights() mix.Weights {
	if l.Mix == nil {
		return mix.Default
	}
	return mix.Weights(*l.Mix)
}

func (f File) checkFault(fault Fault) (problems []string) {
	k, ok := kinds[fault.Kind]
	if !ok {
		return []string{fmt.Sprintf("there is no fault %q", fault.Kind)}
	}
	if !slices.Contains(selectors[k.target], fault.Target) {
		problems = append(problems, fmt.Sprintf("target of %s is one of %q, not %q", fault.Kind, selectors[k.target], fault.Target))
	}
	switch {
	case k.lasts && time.Duration(fault.For) < time.Second:
		problems = append(problems, fmt.Sprintf("%s lasts: give for, 1s or more", fault.Kind))
	case k.lasts && !slices.Contains(f.Rollbacks, EndFaults):
		problems = append(problems, fmt.Sprintf("%s lasts, and needs the rollback %s", fault.Kind, EndFaults))
	case !k.lasts && fault.For != 0:
		problems = append(problems, fmt.Sprintf("%s happens once: leave for out", fault.Kind))
	}
	return problems
}

func (f File) checkExpectations() (problems []string) {
	for cloud, expectations := range f.Expect {
		if cloud != "aws" && cloud != "azure" {
			problems = append(problems, fmt.Sprintf("expect: a cloud is aws or azure, not %q", cloud))
		}
		for _, e := range expectations {
			if !slices.Contains(Rules, e.Rule) || e.Source == "" {
				problems = append(problems, fmt.Sprintf("expect: %s: give a rule, one of %q, and the source in which the cloud says so", cloud, Rules))
			}
		}
	}
	slices.Sort(problems)
	return problems
}
