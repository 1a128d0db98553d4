package scenario

import (
	"time"

	"orchard/localcloud/internal/health"
)

// noticed is how long after the end of an instance its group knows. No cloud
// says how often it looks; this is chosen.
const noticed = 30 * time.Second

// diagnose finds out which instances are to be replaced now.
func (m *model) diagnose(g *group) {
	var waiting []health.Candidate
	underWay, total := 0, 0
	for _, i := range g.instances {
		if !i.leaves.IsZero() {
			continue
		}
		total++
		if i.repairs && i.inService.IsZero() {
			underWay++
		}
		m.judge(g, i)
		if i.why != "" {
			waiting = append(waiting, health.Candidate{ID: i.id, Since: i.since})
		}
	}
	if g.Repairs == nil || len(waiting) == 0 {
		return
	}
	limits := health.Limits{Share: g.Repairs.Share, Tries: g.Repairs.Tries}
	ids, suspended := health.Repair(limits, waiting, underWay, total, g.failedRepairs)
	if suspended && !g.suspended {
		m.note(g.name, "repairs are suspended: %d in a row did not help", g.failedRepairs)
	}
	g.suspended = suspended
	g.admit(ids)
}

// judge sets why the instance is to be replaced, or that it is not. Without
// limits it is replaced now.
func (m *model) judge(g *group, i *instance) {
	g.attachments[0] = health.Attachment{By: "pool service", State: i.target.State, Armed: g.armed}
	if m.s.Check.Inside {
		g.attachments[0] = health.Attachment{By: "the instance itself", State: i.own.State, Armed: true}
	}
	why, replace := health.Replace(health.Instance{
		Running: !i.gone() || m.now.Before(i.ended.Add(noticed)), InService: i.inService, Attachments: g.attachments[:],
	}, health.Rules{BalancerHealth: true, Grace: g.Grace}, m.now)
	if replace && i.why == "" {
		i.since = m.now
		if i.repairs && !i.inService.IsZero() {
			i.repairs = false
			g.failedRepairs++
		}
	}
	i.why, i.sick = why, replace && g.Repairs == nil
}

// admit lets the instances be replaced.
func (g *group) admit(ids []string) {
	for _, id := range ids {
		for _, i := range g.instances {
			if i.id == id {
				i.sick = true
			}
		}
	}
}
