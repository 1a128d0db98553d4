package aws

import (
	"fmt"
	"slices"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// noPath says which rule is missing for TCP from one end to a port of the
// other. Security groups track connections: a rule out at the one end and a
// rule in at the other are enough. Network ACLs do not, and are not asked
// within a subnet.
func (m networkMap) noPath(from, to end, port int) world.Block {
	cannot := fmt.Sprintf("%s cannot reach %s on port %d: ", from.name, to.name, port)
	if from.subnet.ID != "" && !m.allowed(typeEgressRule, from.groups, to, port) {
		return tracked(cannot + fmt.Sprintf("%s no egress rule for port %d to %s", m.have(from.groups), port, m.peer(to)))
	}
	if !m.allowed(typeIngressRule, to.groups, from, port) {
		return tracked(cannot + fmt.Sprintf("%s no ingress rule for port %d from %s", m.have(to.groups), port, m.peer(from)))
	}
	if from.subnet.ID == to.subnet.ID {
		return world.Block{}
	}
	service := ports{port, port}
	if reason := m.stopped(
		crossing{subnet: from.subnet, out: true, peer: to.cidr, ports: service},
		crossing{subnet: to.subnet, peer: from.cidr, ports: service},
		crossing{subnet: to.subnet, out: true, peer: from.cidr, ports: from.ports, answer: true},
		crossing{subnet: from.subnet, peer: to.cidr, ports: from.ports, answer: true},
	); reason != "" {
		return dropped(cannot + reason)
	}
	return world.Block{}
}

// allowed says whether a rule of the groups covers the port and the peer.
func (m networkMap) allowed(typ string, groups []string, peer end, port int) bool {
	for _, r := range each(m.all, typ) {
		rule := outs(r)
		if slices.Contains(groups, rule.Text("securityGroupId")) && coversPort(rule, port) && coversPeer(rule, peer) {
			return true
		}
	}
	return m.openDefault(typ, groups, peer)
}

// openDefault says whether one of the groups is a network's default group
// that the program has not taken over: it lets out everything, and in what
// comes from itself.
func (m networkMap) openDefault(typ string, groups []string, peer end) bool {
	for _, vpc := range each(m.all, typeVpc) {
		id := outs(vpc).Text("defaultSecurityGroupId")
		taken := slices.ContainsFunc(each(m.all, typeDefaultSecurityGroup), func(r world.Resource) bool { return r.ID == id })
		if !taken && slices.Contains(groups, id) && (typ == typeEgressRule || slices.Contains(peer.groups, id)) {
			return true
		}
	}
	return false
}

func coversPort(rule provider.Inputs, port int) bool {
	switch rule.Text("ipProtocol") {
	case "-1":
		return true
	case "tcp":
		return rule.Int("fromPort") <= port && port <= rule.Int("toPort")
	}
	return false
}

func coversPeer(rule provider.Inputs, peer end) bool {
	if group := rule.Text("referencedSecurityGroupId"); group != "" {
		return slices.Contains(peer.groups, group)
	}
	return covers(rule.Text("cidrIpv4"), peer.cidr)
}

// peer names the far side of a missing rule.
func (m networkMap) peer(e end) string {
	if e.subnet.ID == "" {
		return e.cidr
	}
	return m.named(e.groups)
}

// have and named speak of security groups in a sentence.
func (m networkMap) have(ids []string) string {
	if len(ids) == 1 {
		return m.named(ids) + " has"
	}
	return m.named(ids) + " have"
}

func (m networkMap) named(ids []string) string {
	if len(ids) == 0 {
		return "no security group"
	}
	text := "security group "
	for i, id := range ids {
		if i > 0 {
			text += " and "
		}
		text += m.label(id)
	}
	return text
}

func (m networkMap) label(id string) string {
	for _, r := range m.all {
		if r.ID == id {
			return label(r)
		}
	}
	return id
}
