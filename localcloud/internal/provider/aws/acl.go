package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
	"orchard/localcloud/internal/world"
)

func aclTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeNetworkAcl: {
			Properties: properties{
				"vpcId":     text().Needed().Replaces(),
				"subnetIds": texts(),
				"ingress":   aclEntries(),
				"egress":    aclEntries(),
				"tags":      tags(),
			},
			Computed: []string{"arn", "egress", "ingress", "ownerId", "subnetIds", "tagsAll"},
			Moves:    tagsMove(), Check: checkAcl, Compute: computeNetworkAcl,
		},
		typeDefaultNetworkAcl: {
			Properties: properties{
				"defaultNetworkAclId": text().Needed().Replaces(),
				"subnetIds":           texts(),
				"ingress":             aclEntries(),
				"egress":              aclEntries(),
				"tags":                tags(),
			},
			Computed: []string{"arn", "ownerId", "tagsAll", "vpcId"},
			Moves:    tagsMove(), Check: checkAcl, Compute: computeDefaultNetworkAcl,
		},
		typeNetworkAclRule: {
			Properties: properties{
				"networkAclId": text().Needed().Replaces(),
				"ruleNumber":   aclNumber().Replaces(),
				"egress":       flag().Or(false).Replaces(),
				"ruleAction":   aclAction().Replaces(),
				"protocol":     aclProtocol().Replaces(),
				"cidrBlock":    aclRange().Replaces(),
				"fromPort":     aclPort().Replaces(),
				"toPort":       aclPort().Replaces(),
				"icmpType":     text().Replaces().NoEffect(),
				"icmpCode":     text().Replaces().NoEffect(),
			},
			Check: checkAclRule, Compute: computeNetworkAclRule,
		},
		typeNetworkAclAssociation: {
			Properties: properties{"networkAclId": text().Needed().Replaces(), "subnetId": text().Needed().Replaces()},
			Compute:    computeNetworkAclAssociation,
		},
	}
}

// The parts of an entry, which is in a list of an ACL or a resource of its own.
func aclNumber() provider.Property { return integer().Needed().Between(1, 32766) }
func aclAction() provider.Property { return text().Needed().OneOf("allow", "deny") }
func aclRange() provider.Property  { return text().Needed().Like(likeCIDR, sayingCIDR) }
func aclPort() provider.Property   { return integer().Between(0, 65535) }

func aclProtocol() provider.Property {
	return text().Needed().OneOf("-1", "all", "tcp", "6", "udp", "17", "icmp", "1")
}

func aclEntries() provider.Property {
	return provider.Set(provider.Object(properties{
		"ruleNo":    aclNumber(),
		"action":    aclAction(),
		"protocol":  aclProtocol(),
		"cidrBlock": aclRange(),
		"fromPort":  aclPort().Needed(),
		"toPort":    aclPort().Needed(),
		"icmpType":  integer().NoEffect(),
		"icmpCode":  integer().NoEffect(),
	}))
}

func allProtocols(protocol string) bool { return protocol == "-1" || protocol == "all" }

func isTCP(protocol string) bool { return protocol == "tcp" || protocol == "6" }

func checkAcl(in provider.Inputs) failures {
	for _, list := range []string{"ingress", "egress"} {
		seen := map[int]bool{}
		for i, entry := range in.Objects(list) {
			at := fmt.Sprintf("%s[%d].", list, i)
			if allProtocols(entry.Text("protocol")) && (entry.Int("fromPort") != 0 || entry.Int("toPort") != 0) {
				return refuse(at+"fromPort", "and toPort must both be 0 with protocol %s, which is all ports", entry.Text("protocol"))
			}
			if bad := checkPorts(at, entry); bad != nil {
				return bad
			}
			if entry.Known("ruleNo") && seen[entry.Int("ruleNo")] {
				return refuse(at+"ruleNo", "is %d, which another rule of this direction has", entry.Int("ruleNo"))
			}
			seen[entry.Int("ruleNo")] = true
		}
	}
	return nil
}

func checkAclRule(in provider.Inputs) failures {
	switch protocol := in.Text("protocol"); protocol {
	case "tcp", "6", "udp", "17":
		if !in.Has("fromPort") || !in.Has("toPort") {
			return refuse("fromPort", "fromPort and toPort are required with protocol %s", protocol)
		}
	}
	return checkPorts("", in)
}

func checkPorts(at string, in provider.Inputs) failures {
	if in.Known("fromPort") && in.Known("toPort") && in.Int("fromPort") > in.Int("toPort") {
		return refuse(at+"fromPort", "is %d, above toPort %d", in.Int("fromPort"), in.Int("toPort"))
	}
	return nil
}

func computeNetworkAcl(req request) (result, error) {
	vpc := req.Inputs.Text("vpcId")
	if _, err := needVpc(req.World, vpc); err != nil {
		return result{}, err
	}
	if err := subnetsIn(req, vpc); err != nil {
		return result{}, err
	}
	id := newID(req, "acl")
	outputs := map[string]any{"arn": arn("ec2", region(req), "network-acl/"+id), "ownerId": Account}
	for _, list := range []string{"ingress", "egress", "subnetIds"} {
		if !req.Inputs.Has(list) {
			outputs[list] = []any{}
		}
	}
	return answer(req, id, outputs), nil
}

// computeDefaultNetworkAcl takes over the ACL that a network comes with. It has
// from then on the rules that are declared, and none where none are.
func computeDefaultNetworkAcl(req request) (result, error) {
	id := req.Inputs.Text("defaultNetworkAclId")
	vpc, err := aclNetwork(req.World, id)
	if err != nil {
		return result{}, err
	}
	if err := subnetsIn(req, vpc); err != nil {
		return result{}, err
	}
	return answer(req, id, map[string]any{"arn": arn("ec2", region(req), "network-acl/"+id), "ownerId": Account, "vpcId": vpc}), nil
}

// subnetsIn refuses subnets that are not there or not in the ACL's network.
func subnetsIn(req request, vpc string) error {
	for _, id := range req.Inputs.Texts("subnetIds") {
		if err := subnetIn(req.World, id, vpc); err != nil {
			return err
		}
	}
	return nil
}

func subnetIn(w provider.World, id, vpc string) error {
	subnet, err := needSubnet(w, id)
	if err == nil && outs(subnet).Text("vpcId") != vpc {
		err = fmt.Errorf("InvalidParameterValue: subnet %s is not in the network %s of the network ACL", id, vpc)
	}
	return err
}

// aclNetwork is the network of an ACL: one that the program has made, or the
// one that a network comes with.
func aclNetwork(w provider.World, id string) (string, error) {
	if acl, ok := found(w, typeNetworkAcl, id); ok {
		return outs(acl).Text("vpcId"), nil
	}
	for _, vpc := range each(w.Resources(), typeVpc) {
		if outs(vpc).Text("defaultNetworkAclId") == id {
			return vpc.ID, nil
		}
	}
	return "", fmt.Errorf("InvalidNetworkAclID.NotFound: The networkAcl ID '%s' does not exist", id)
}

func computeNetworkAclRule(req request) (result, error) {
	in := req.Inputs
	acl := in.Text("networkAclId")
	if _, err := aclNetwork(req.World, acl); err != nil {
		return result{}, err
	}
	for _, r := range others(req, typeNetworkAclRule) {
		if sameEntry(outs(r), in) {
			return result{}, fmt.Errorf("NetworkAclEntryAlreadyExists: The network acl entry identified by %d already exists", in.Int("ruleNumber"))
		}
	}
	id := keptID(req, func() string {
		return "nacl-" + provider.Digest(fmt.Sprint(acl, in.Int("ruleNumber"), in.Flag("egress"), in.Text("protocol")))[:10]
	})
	return answer(req, id, map[string]any{}), nil
}

func sameEntry(a, b provider.Inputs) bool {
	return a.Text("networkAclId") == b.Text("networkAclId") && a.Flag("egress") == b.Flag("egress") && a.Int("ruleNumber") == b.Int("ruleNumber")
}

func computeNetworkAclAssociation(req request) (result, error) {
	vpc, err := aclNetwork(req.World, req.Inputs.Text("networkAclId"))
	if err != nil {
		return result{}, err
	}
	if err := subnetIn(req.World, req.Inputs.Text("subnetId"), vpc); err != nil {
		return result{}, err
	}
	return answer(req, newID(req, "aclassoc"), map[string]any{}), nil
}

// aclOf is the id of the network ACL of a subnet: the last that the program
// has given it, or the one that the network comes with.
func aclOf(all []world.Resource, subnet world.Resource) string {
	id := ""
	for _, vpc := range each(all, typeVpc) {
		if vpc.ID == outs(subnet).Text("vpcId") {
			id = outs(vpc).Text("defaultNetworkAclId")
		}
	}
	for _, r := range all {
		switch r.Type {
		case typeNetworkAcl, typeDefaultNetworkAcl:
			for _, member := range outs(r).Texts("subnetIds") {
				if member == subnet.ID {
					id = r.ID
				}
			}
		case typeNetworkAclAssociation:
			if outs(r).Text("subnetId") == subnet.ID {
				id = outs(r).Text("networkAclId")
			}
		}
	}
	return id
}
