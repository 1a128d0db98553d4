package azure

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

// The service tags that rules are judged by.
const (
	tagInternet = "Internet"
	tagNetwork  = "VirtualNetwork"
	tagBalancer = "AzureLoadBalancer"
	tagStorage  = "Storage"
	tagVault    = "AzureKeyVault"

	anywhere    = "0.0.0.0/0"
	probeSource = "168.63.129.16/32"
)

// peer is the far side of a connection: a service tag and a range.
type peer struct{ tag, cidr string }

// String is how a rule would name the peer.
func (p peer) String() string {
	if p.tag == tagNetwork {
		return p.cidr
	}
	return p.tag
}

// refused says which rule keeps a connection from passing the guards of an
// end, "" when none does. Without any guard everything passes, but for what
// comes through a balancer's public address: that is closed until a rule
// lets it in.
func (m networkMap) refused(direction string, at end, far peer, port int, closed bool) string {
	if len(at.guards) == 0 && closed {
		return at.name + " has no network security group, and a Standard load balancer's traffic needs one that allows it"
	}
	for _, guard := range at.guards {
		group, ok := found(m.all, typeSecurityGroup, guard)
		if !ok {
			continue
		}
		if rule := deciding(group, direction, at, far, port); rule.Text("access") != "Allow" {
			return fmt.Sprintf("the rule %s (priority %d) of network security group %s denies it: %s a rule with a lower number that allows %s TCP on port %d %s %s",
				rule.Text("name"), rule.Int("priority"), label(group), "it needs", strings.ToLower(direction), port, toward(direction), far)
		}
	}
	return ""
}

func toward(direction string) string {
	if direction == "Inbound" {
		return "from"
	}
	return "to"
}

// deciding is the first rule by priority that covers a connection. The last
// default rule covers every one.
func deciding(group world.Resource, direction string, at end, far peer, port int) provider.Inputs {
	rules := append(outs(group).Objects("securityRules"), outs(group).Objects("defaultSecurityRules")...)
	slices.SortStableFunc(rules, func(a, b provider.Inputs) int { return cmp.Compare(a.Int("priority"), b.Int("priority")) })
	near := peer{tag: tagNetwork, cidr: at.cidr}
	source, destination := near, far
	if direction == "Inbound" {
		source, destination = far, near
	}
	for _, rule := range rules {
		if rule.Text("direction") == direction && coversProtocol(rule) && coversPort(rule, port) &&
			coversPeer(rule, "source", source) && coversPeer(rule, "destination", destination) {
			return rule
		}
	}
	return provider.Inputs{}
}

func coversProtocol(rule provider.Inputs) bool {
	return rule.Text("protocol") == "*" || rule.Text("protocol") == "Tcp"
}

// coversPort judges the destination. A connection's source port is any, so a
// rule for some source ports covers none for certain.
func coversPort(rule provider.Inputs, port int) bool {
	return slices.ContainsFunc(both(rule, "destinationPortRange"), func(r string) bool { return inRange(r, port) }) &&
		slices.ContainsFunc(both(rule, "sourcePortRange"), func(r string) bool { return r == "*" || r == "0-65535" || r == "1-65535" })
}

func inRange(text string, port int) bool {
	if text == "*" {
		return true
	}
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	return err1 == nil && err2 == nil && from <= port && port <= to
}

// coversPeer says whether a rule speaks of one side of a connection. A rule that
// denies a part of it denies it, but for the internet, of which parts are
// denied for good reasons.
func coversPeer(rule provider.Inputs, side string, p peer) bool {
	return slices.ContainsFunc(both(rule, side+"AddressPrefix"), func(prefix string) bool {
		return coversAddress(prefix, p) || rule.Text("access") == "Deny" && p.cidr != anywhere && overlap(prefix, p.cidr)
	})
}

// coversAddress says whether a rule's prefix covers the whole of a peer. A
// tag of a region (Storage.germanywestcentral) is as good as the whole, as a
// world is in one region.
func coversAddress(prefix string, p peer) bool {
	if prefix == "*" || prefix == anywhere {
		return true
	}
	if tag, _, _ := strings.Cut(prefix, "."); strings.EqualFold(tag, p.tag) {
		return true
	}
	switch {
	case p.tag == tagStorage || p.tag == tagVault:
		return strings.EqualFold(prefix, tagInternet) || strings.EqualFold(prefix, "AzureCloud")
	case p.cidr == "":
		return false
	case !strings.Contains(prefix, "/"):
		prefix += "/32"
	}
	return covers(prefix, p.cidr)
}

// overlap says whether a prefix that is an address or a range meets a range.
func overlap(prefix, cidr string) bool {
	if !strings.Contains(prefix, "/") {
		prefix += "/32"
	}
	a, err1 := netip.ParsePrefix(prefix)
	b, err2 := netip.ParsePrefix(cidr)
	return err1 == nil && err2 == nil && a.Overlaps(b)
}

// both are the values of a property that a rule has once or as a list.
func both(rule provider.Inputs, property string) []string {
	if rule.Has(property) {
		return []string{rule.Text(property)}
	}
	return rule.Texts(property + plural(property))
}

func plural(property string) string {
	if strings.HasSuffix(property, "Prefix") {
		return "es"
	}
	return "s"
}
