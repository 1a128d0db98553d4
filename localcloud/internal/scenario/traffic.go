package scenario

import "orchard/localcloud/internal/health"

// traffic is what became of the requests of one second.
type traffic struct {
	offered  float64
	unserved float64 // above the capacity of their target, or without one
	failed   float64 // sent to a target that does not work
}

// router holds the targets that requests go to in this second; it is kept to
// use its memory again.
type router struct {
	byZone map[string][]*instance
	count  int
}

// serve spreads the requests of this second over the targets: evenly over
// all, or first over the zones. A target that is not known to be unhealthy
// yet gets its part.
func (m *model) serve() {
	m.traffic = traffic{offered: rateAt(m.s.Load, m.at())}
	m.idle()
	m.route(func(i *instance) bool { return i.target.State == health.Healthy })
	if m.router.count == 0 && m.s.Balancer.FailOpen {
		m.route(func(*instance) bool { return true })
	}
	if m.router.count == 0 {
		m.traffic.unserved = m.traffic.offered
		return
	}
	m.routed += m.traffic.offered
	zones := 0
	for _, targets := range m.router.byZone {
		if len(targets) > 0 {
			zones++
		}
	}
	for _, zone := range m.s.Zones {
		targets := m.router.byZone[zone]
		each := m.traffic.offered / float64(m.router.count)
		if m.s.Balancer.OwnZoneOnly {
			each = m.traffic.offered / float64(zones*max(1, len(targets)))
		}
		for _, i := range targets {
			m.send(i, each)
		}
	}
}

// idle begins the second with nobody at work. An instance that hangs or is
// gone is not idle: it measures nothing.
func (m *model) idle() {
	for _, g := range m.groups {
		for _, i := range g.instances {
			i.busy = 0
			if i.serving() && !i.gone() && !m.hangs(i) {
				i.seconds++
			}
		}
	}
}

func (m *model) route(takes func(*instance) bool) {
	r := &m.router
	if r.byZone == nil {
		r.byZone = map[string][]*instance{}
	}
	for zone, targets := range r.byZone {
		r.byZone[zone] = targets[:0]
	}
	r.count = 0
	for _, g := range m.groups {
		for _, i := range g.instances {
			if i.serving() && takes(i) {
				r.byZone[i.zone] = append(r.byZone[i.zone], i)
				r.count++
			}
		}
	}
}

func (m *model) send(i *instance, n float64) {
	if !m.works(i) {
		m.traffic.failed += n
		return
	}
	served := min(n, m.s.Instance.Capacity)
	m.traffic.unserved += n - served
	i.busy = 100 * served / m.s.Instance.Capacity
	i.busySum += i.busy
}
