package aws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

const (
	ingressType     = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType      = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	routeType       = "aws:ec2/route:Route"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	gatewayType     = "aws:ec2/internetGateway:InternetGateway"
	aclType         = "aws:ec2/networkAcl:NetworkAcl"
	defaultAclType  = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	aclRuleType     = "aws:ec2/networkAclRule:NetworkAclRule"
	subnetType      = "aws:ec2/subnet:Subnet"
)

// paths are all blocked ones as text, "kind zone far", with what is told of
// them. A zone is its letter.
func paths(t *testing.T, resources []world.Resource) map[string]string {
	t.Helper()
	d, _, err := aws.Declare(resources)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	add := func(kind string, blocks world.Blocks) {
		for path, block := range blocks {
			name := kind
			if kind == "to" {
				name = path.End
			}
			if _, ok := d.Databases[path.End]; ok {
				name = "database"
			}
			out[strings.TrimSpace(strings.Join([]string{name, letter(path.Zone), letter(path.Far)}, " "))] = block.Why
		}
	}
	for _, g := range d.Groups {
		add("to", g.Blocked)
		add("requests", g.BlockedFrom)
		add("checks", g.BlockedChecks)
	}
	for _, b := range d.Balancers {
		add("clients", b.Blocked)
	}
	return out
}

func letter(zone string) string { return strings.TrimPrefix(zone, region) }

// in are the paths of a kind in zones, and to them from zones where it has two
// ends: "ab" is a and b.
func in(kind, zones string, far ...string) []string {
	var out []string
	for _, zone := range zones {
		if len(far) == 0 {
			out = append(out, fmt.Sprintf("%s %c", kind, zone))
			continue
		}
		for _, f := range far[0] {
			out = append(out, fmt.Sprintf("%s %c %c", kind, zone, f))
		}
	}
	return out
}

// Each case takes something away from a stack that works, and expects one
// sentence about every path that needs it and none about any other.
func TestBlocked(t *testing.T) {
	t.Parallel()
	whole := declared(t)
	outside := slices.Concat(in("internet", "abc"), in("objects", "abc"))
	service := slices.Concat(in("requests", "abc", "abc"), in("checks", "abc", "abc"))
	for name, test := range map[string]struct {
		typ, without string
		paths        []string
		want         string // in each sentence
	}{
		"nothing missing": {},
		"clients in":      {ingressType, "balancer-clients", in("clients", "abc"), "clients on the internet cannot reach load balancer public on port 8080: security group balancer (sg-"},
		"balancer in":     {ingressType, "app-balancer", service, "no ingress rule for port 8080 from security group balancer (sg-"},
		"balancer out":    {egressType, "balancer-app", service, "no egress rule for port 8080 to security group app (sg-"},
		"database in":     {ingressType, "database-app", in("database", "abc", "abc"), "no ingress rule for port 5432 from security group app (sg-"},
		"database out":    {egressType, "app-database", in("database", "abc", "abc"), "no egress rule for port 5432 to security group database (sg-"},
		"services":        {egressType, "app-services", outside, "no egress rule for port 443 to 0.0.0.0/0"},
		"route of a zone": {routeType, "app-eu-central-1b", slices.Concat(in("internet", "b"), in("objects", "b")), "route table app-eu-central-1b (rtb-"},
		"public route":    {routeType, "public", slices.Concat(outside, in("clients", "abc")), "route table public (rtb-"},
		"way of a zone":   {associationType, "app-eu-central-1c", slices.Concat(in("internet", "c"), in("objects", "c")), "has no route table of its own"},
		"public way of a zone": {
			associationType, "public-eu-central-1a", slices.Concat(in("internet", "a"), in("objects", "a"), in("clients", "a")),
			"subnet public-eu-central-1a (subnet-",
		},
		"gateway":             {gatewayType, "internet", slices.Concat(outside, in("clients", "abc")), "not attached to its network"},
		"database's list in":  {aclRuleType, "database-app", in("database", "abc", "abc"), "denies it by its last rule, which denies everything: it needs a rule that allows TCP in from 10.0."},
		"network's own list":  {defaultAclType, "open", nil, ""},
		"database's own list": {aclType, "database", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest := slices.DeleteFunc(slices.Clone(whole), func(r world.Resource) bool {
				return r.Type == test.typ && strings.HasSuffix(r.URN, "::"+test.without)
			})
			if test.typ != "" && len(rest) != len(whole)-1 {
				t.Fatalf("there is no %s %s to take away", test.typ, test.without)
			}
			wantPaths(t, paths(t, rest), test.paths, test.want)
		})
	}
}

func wantPaths(t *testing.T, got map[string]string, want []string, part string) {
	t.Helper()
	keys := []string{}
	for key, sentence := range got {
		keys = append(keys, key)
		if !strings.Contains(sentence, part) {
			t.Errorf("%s: got %q, want it to contain %q", key, sentence, part)
		}
	}
	slices.Sort(keys)
	slices.Sort(want)
	if diff := cmp.Diff(append([]string{}, want...), keys); diff != "" {
		t.Errorf("blocked paths (-want +got):\n%s", diff)
	}
}

// list is a network ACL of a subnet with the entries given: number, action,
// protocol, range and ports.
func list(subnet world.Resource, in, out []any) world.Resource {
	r := record(aclType, "acl-1", map[string]any{
		"vpcId": subnet.Outputs["vpcId"], "subnetIds": []any{subnet.ID}, "ingress": in, "egress": out,
	})
	r.Order = 1000
	return r
}

func entry(number int, action, protocol, cidr string, from, to int) any {
	return map[string]any{
		"ruleNo": float64(number), "action": action, "protocol": protocol, "cidrBlock": cidr, "fromPort": float64(from), "toPort": float64(to),
	}
}

// Each case puts a network ACL around one subnet.
func TestBlockedByNetworkACL(t *testing.T) {
	t.Parallel()
	whole := declared(t)
	const anywhere, network = "0.0.0.0/0", "10.0.0.0/16"
	all := []any{entry(100, "allow", "-1", anywhere, 0, 0)}
	toB := slices.Concat(in("requests", "b", "abc"), in("checks", "b", "abc"))
	outOfB := slices.Concat(in("internet", "b"), in("objects", "b"))
	for name, test := range map[string]struct {
		subnet  string
		in, out []any
		paths   []string
		want    string
	}{
		"everything":          {"app-eu-central-1b", all, all, nil, ""},
		"nothing in":          {"app-eu-central-1b", nil, all, slices.Concat(toB, outOfB, in("database", "b", "abc")), "network ACL acl-1 (acl-1) of subnet app-eu-central-1b (subnet-"},
		"no answers out":      {"app-eu-central-1b", all, []any{entry(1, "allow", "6", anywhere, 0, 32767)}, toB, "allows TCP out to 10.0."},
		"half of the answers": {"app-eu-central-1b", all, []any{entry(1, "allow", "tcp", anywhere, 0, 40000)}, toB, "ports 1024-65535, where the answers go"},
		"answers in two rules": {
			"app-eu-central-1b", all,
			[]any{entry(2, "allow", "tcp", anywhere, 40000, 65535), entry(1, "allow", "tcp", anywhere, 0, 39999)},
			nil, "",
		},
		"service denied first": {
			"app-eu-central-1b",
			[]any{entry(50, "deny", "tcp", network, 8080, 8090), all[0]},
			all, toB,
			"denies it by its rule 50: it needs a rule with a lower number that allows TCP in from 10.0.",
		},
		"a part denied":   {"app-eu-central-1b", []any{entry(50, "deny", "tcp", "10.0.0.17/32", 8080, 8080), all[0]}, all, append(in("requests", "b", "a"), in("checks", "b", "a")...), "rule 50"},
		"denied too late": {"app-eu-central-1b", []any{entry(150, "deny", "-1", anywhere, 0, 0), all[0]}, all, nil, ""},
		"other protocol":  {"app-eu-central-1b", []any{entry(50, "deny", "udp", anywhere, 0, 65535), all[0]}, all, nil, ""},
		"of the database": {"database-eu-central-1a", []any{entry(1, "allow", "tcp", network, 5432, 5432)}, nil, in("database", "abc", "a"), "where the answers go"},
		"of a node": {
			"public-eu-central-1c",
			[]any{entry(1, "deny", "tcp", anywhere, 8080, 8080), all[0]},
			all, in("clients", "c"),
			"clients on the internet cannot reach load balancer public on port 8080: network ACL acl-1",
		},
		"of a NAT gateway": {
			"public-eu-central-1c",
			[]any{entry(1, "deny", "tcp", network, 443, 443), all[0]},
			all, slices.Concat(in("internet", "c"), in("objects", "c")),
			"NAT gateway nat-eu-central-1c (nat-",
		},
		"some bad clients": {"public-eu-central-1c", []any{entry(1, "deny", "-1", "203.0.113.0/24", 0, 0), all[0]}, all, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources := append(slices.Clone(whole), list(providertest.Find(whole, subnetType, test.subnet), test.in, test.out))
			wantPaths(t, paths(t, resources), test.paths, test.want)
		})
	}
}

// Security groups let open connections go on, network ACLs and routes do not.
func TestOpenConnections(t *testing.T) {
	t.Parallel()
	whole := declared(t)
	db := providertest.Find(whole, "aws:rds/instance:Instance", "database").ID
	path := world.Path{Zone: region + "b", End: db, Far: region + "a"}
	withACL := append(slices.Clone(whole), list(providertest.Find(whole, subnetType, "app-eu-central-1b"), nil, nil))
	withoutRule := slices.DeleteFunc(slices.Clone(whole), func(r world.Resource) bool { return strings.HasSuffix(r.URN, "::app-database") })
	for name, test := range map[string]struct {
		resources []world.Resource
		want      bool
	}{
		"security group": {withoutRule, false},
		"network ACL":    {withACL, true},
	} {
		d, _, err := aws.Declare(test.resources)
		if err != nil {
			t.Fatal(err)
		}
		if !d.FaultsStopOpen {
			t.Errorf("%s: faults let open connections go on, want them stopped", name)
		}
		for _, g := range d.Groups {
			if got := g.Blocked[path]; got.Why == "" || got.Open != test.want {
				t.Errorf("%s: got %+v, want a block that stops open connections: %t", name, got, test.want)
			}
		}
	}
}
