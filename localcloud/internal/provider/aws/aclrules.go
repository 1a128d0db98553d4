package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// ports is a range of ports, both ends included.
type ports struct{ from, to int }

func (p ports) String() string {
	if p.from == p.to {
		return fmt.Sprintf("port %d", p.from)
	}
	return fmt.Sprintf("ports %d-%d", p.from, p.to)
}

// The ports from which connections are opened, and to which answers go: those
// of Linux as it comes, and those that load balancers, NAT gateways and any
// client may use. Source: Amazon VPC user guide, ephemeral ports.
var (
	linuxPorts = ports{32768, 60999}
	anyPorts   = ports{1024, 65535}
)

// aclEntry is one rule of a network ACL, for TCP.
type aclEntry struct {
	number int
	out    bool
	allow  bool
	cidr   string
	ports  ports
}

// asItComes are the rules of a network's own ACL that the program has not taken
// over.
var asItComes = []aclEntry{
	{number: 100, allow: true, cidr: anywhere, ports: ports{0, 65535}},
	{number: 100, out: true, allow: true, cidr: anywhere, ports: ports{0, 65535}},
}

// aclEntries are the rules of a network ACL by number.
func (m networkMap) aclEntries(id string) []aclEntry {
	var entries []aclEntry
	declared := false
	for _, r := range m.all {
		o := outs(r)
		switch {
		case r.ID == id && (r.Type == typeNetworkAcl || r.Type == typeDefaultNetworkAcl):
			declared = true
			entries = append(entries, listed(o.Objects("ingress"), false)...)
			entries = append(entries, listed(o.Objects("egress"), true)...)
		case r.Type == typeNetworkAclRule && o.Text("networkAclId") == id:
			entries = addEntry(entries, o, o.Int("ruleNumber"), o.Text("ruleAction"), o.Flag("egress"))
		}
	}
	if !declared {
		entries = append(entries, asItComes...)
	}
	slices.SortStableFunc(entries, func(a, b aclEntry) int { return cmp.Compare(a.number, b.number) })
	return entries
}

func listed(list []provider.Inputs, out bool) []aclEntry {
	var entries []aclEntry
	for _, o := range list {
		entries = addEntry(entries, o, o.Int("ruleNo"), o.Text("action"), out)
	}
	return entries
}

// addEntry leaves out rules for other protocols than TCP.
func addEntry(entries []aclEntry, o provider.Inputs, number int, action string, out bool) []aclEntry {
	entry := aclEntry{number: number, out: out, allow: action == "allow", cidr: o.Text("cidrBlock")}
	switch protocol := o.Text("protocol"); {
	case allProtocols(protocol):
		entry.ports = ports{0, 65535}
	case isTCP(protocol):
		entry.ports = ports{o.Int("fromPort"), o.Int("toPort")}
	default:
		return entries
	}
	return append(entries, entry)
}

// crossing is the way of packets through the ACL of a subnet. An ACL keeps no
// track of connections: what goes out and the answers that come in each need a
// rule.
type crossing struct {
	subnet world.Resource
	out    bool
	peer   string // the range at the far side
	ports  ports  // of the packets' destination
	answer bool
}

// stopped says which ACL keeps a connection from passing one of the crossings.
func (m networkMap) stopped(crossings ...crossing) string {
	for _, c := range crossings {
		if c.subnet.ID == "" {
			continue // outside
		}
		if reason := m.stoppedAt(c); reason != "" {
			return reason
		}
	}
	return ""
}

func (m networkMap) stoppedAt(c crossing) string {
	id := aclOf(m.all, c.subnet)
	number, denied := deniedBy(m.aclEntries(id), c)
	if !denied {
		return ""
	}
	needs, direction, answers := "its last rule, which denies everything: it needs a rule", "in from", ""
	if number > 0 {
		needs = fmt.Sprintf("its rule %d: it needs a rule with a lower number", number)
	}
	if c.out {
		direction = "out to"
	}
	if c.answer {
		answers = ", where the answers go"
	}
	return fmt.Sprintf("network ACL %s of subnet %s denies it by %s that allows TCP %s %s on %s%s",
		m.label(id), label(c.subnet), needs, direction, c.peer, c.ports, answers)
}

// deniedBy finds the rule that denies a crossing, 0 for the last one of every
// ACL. Each port is decided by the first rule that covers it. Answers get
// through while at most one in a hundred of their ports is denied, as rules do
// that close single ports: a connection seldom comes from one of these.
func deniedBy(entries []aclEntry, c crossing) (number int, denied bool) {
	left, closed, allowance := []ports{c.ports}, 0, 0
	if c.answer {
		allowance = c.ports.count() / 100
	}
	for _, e := range entries {
		if e.out != c.out || !e.speaksOf(c.peer) {
			continue
		}
		before := count(left)
		left = without(left, e.ports)
		if !e.allow {
			closed += before - count(left)
		}
		if closed > allowance {
			return e.number, true
		}
	}
	return 0, closed+count(left) > allowance
}

// speaksOf says whether a rule decides for a far side. One that allows must
// cover the whole of it; one that denies a part of it denies it, but for the
// internet, of which parts are denied for good reasons.
func (e aclEntry) speaksOf(peer string) bool {
	return covers(e.cidr, peer) || !e.allow && peer != anywhere && overlap(e.cidr, peer)
}

func (p ports) count() int { return p.to - p.from + 1 }

func count(list []ports) int {
	n := 0
	for _, p := range list {
		n += p.count()
	}
	return n
}

// without takes a range out of others.
func without(from []ports, taken ports) []ports {
	var left []ports
	for _, p := range from {
		if taken.to < p.from || p.to < taken.from {
			left = append(left, p)
			continue
		}
		if p.from < taken.from {
			left = append(left, ports{p.from, taken.from - 1})
		}
		if taken.to < p.to {
			left = append(left, ports{taken.to + 1, p.to})
		}
	}
	return left
}

func overlap(a, b string) bool {
	x, err1 := netip.ParsePrefix(a)
	y, err2 := netip.ParsePrefix(b)
	return err1 == nil && err2 == nil && x.Overlaps(y)
}
