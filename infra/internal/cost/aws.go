package cost

import (
	"fmt"
	"slices"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/planned"
)

// scalingGroup is what is billed of a group; its template is billed for it.
type scalingGroup struct {
	MinSize, DesiredCapacity float64
	VPCZoneIdentifiers       []string
	TargetGroupARNs          []string
	LaunchTemplate           struct{ ID string }
	MixedInstancesPolicy     struct {
		LaunchTemplate struct {
			LaunchTemplateSpecification struct{ LaunchTemplateID string }
			Overrides                   []struct{ InstanceType string }
		}
	}
}

// template is what is billed of each instance of a launch template.
type template struct {
	InstanceType        string
	Monitoring          struct{ Enabled bool }
	BlockDeviceMappings []struct {
		EBS struct {
			VolumeSize float64
			VolumeType string
		}
	}
	NetworkInterfaces []struct{ AssociatePublicIPAddress string }
}

func readGroup(stack planned.Stack, resource fakecloud.Resource) ([]line, error) {
	group, err := read[scalingGroup](resource)
	if err != nil {
		return nil, err
	}
	mixed := group.MixedInstancesPolicy.LaunchTemplate
	chosen, err := findTemplate(stack, group.LaunchTemplate.ID, mixed.LaunchTemplateSpecification.LaunchTemplateID)
	if err != nil {
		return nil, err
	}
	if len(mixed.Overrides) > 0 {
		chosen.InstanceType = mixed.Overrides[0].InstanceType // the first is preferred
	}
	redundant := 0.0
	if len(group.TargetGroupARNs) > 0 {
		redundant = oneZone(stack, resource.Type, func(group scalingGroup) []string { return group.VPCZoneIdentifiers })
	}
	lines := chosen.lines()
	for i := range lines {
		lines[i].quantity *= max(group.DesiredCapacity, group.MinSize)
		lines[i].redundant = redundant
	}
	return lines, nil
}

// findTemplate finds the launch template that has one of the ids.
func findTemplate(stack planned.Stack, ids ...string) (template, error) {
	for _, each := range stack.Of("aws:ec2/launchTemplate:LaunchTemplate") {
		if id, _ := fakecloud.Create(each.Type, each.Name, each.Inputs); slices.Contains(ids, id) {
			return read[template](each)
		}
	}
	return template{}, fmt.Errorf("the stack has no launch template with one of the ids %q", ids)
}

// lines are what one instance is billed for.
func (t template) lines() []line {
	lines := []line{{price: "instance " + t.InstanceType, quantity: 1}}
	for _, each := range t.BlockDeviceMappings {
		lines = append(lines, line{price: "disk " + each.EBS.VolumeType, quantity: each.EBS.VolumeSize})
	}
	if t.Monitoring.Enabled {
		lines = append(lines, line{price: "detailed monitoring", quantity: 1})
	}
	for _, each := range t.NetworkInterfaces {
		if each.AssociatePublicIPAddress == "true" {
			lines = append(lines, line{price: "public address", quantity: 1})
		}
	}
	return lines
}

// readDatabase counts the secret of a master password that RDS manages.
func readDatabase(_ planned.Stack, resource fakecloud.Resource) ([]line, error) {
	database, err := read[struct {
		AllocatedStorage           float64
		InstanceClass, StorageType string
		MultiAZ                    bool
		ManageMasterUserPassword   bool
	}](resource)
	if err != nil {
		return nil, err
	}
	suffix, redundant := "", 0.0
	if database.MultiAZ {
		suffix, redundant = " Multi-AZ", 0.5 // it costs twice as much as without
	}
	lines := []line{
		{price: "database " + database.InstanceClass + suffix, quantity: 1, redundant: redundant},
		{price: "database storage " + database.StorageType + suffix, quantity: database.AllocatedStorage, redundant: redundant},
	}
	if database.ManageMasterUserPassword {
		lines = append(lines, line{price: "secret", quantity: 1})
	}
	return lines, nil
}

// readBalancer counts one capacity unit, which is 25 new connections a second
// or 1 GB an hour, and a public address in each zone.
func readBalancer(_ planned.Stack, resource fakecloud.Resource) ([]line, error) {
	balancer, err := read[struct {
		Internal bool
		Subnets  []string
	}](resource)
	if err != nil {
		return nil, err
	}
	lines := []line{{price: "load balancer", quantity: 1}, {price: "load balancer capacity unit", quantity: 1}}
	if !balancer.Internal {
		lines = append(lines, line{price: "public address", quantity: float64(len(balancer.Subnets))})
	}
	return lines, nil
}

// readEndpoint counts an interface endpoint in each zone; a gateway's is free.
func readEndpoint(_ planned.Stack, resource fakecloud.Resource) ([]line, error) {
	endpoint, err := read[struct {
		VPCEndpointType string
		SubnetIDs       []string
	}](resource)
	if err != nil || endpoint.VPCEndpointType != "Interface" {
		return nil, err
	}
	count := float64(len(endpoint.SubnetIDs))
	return []line{{price: "interface endpoint", quantity: count, redundant: beyondOne(count)}}, nil
}

func readWebACL(_ planned.Stack, resource fakecloud.Resource) ([]line, error) {
	list, err := read[struct{ Rules []any }](resource)
	return []line{{price: "web access list", quantity: 1}, {price: "web rule", quantity: float64(len(list.Rules))}}, err
}
