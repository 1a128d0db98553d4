package cost

import (
	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/planned"
)

// scaleSet is what is billed of a virtual machine scale set.
type scaleSet struct {
	SKU struct {
		Name     string
		Capacity float64
	}
	Zones                 []string
	VirtualMachineProfile struct {
		StorageProfile struct {
			OSDisk struct {
				ManagedDisk struct{ StorageAccountType string }
			}
		}
		NetworkProfile struct{ NetworkInterfaceConfigurations []networkInterface }
	}
}

type networkInterface struct {
	IPConfigurations []struct {
		LoadBalancerBackendAddressPools []any
		PublicIPAddressConfiguration    *struct{ Name string }
	}
}

// readScaleSet counts disks of 32 GiB, which hold the image's 30.
func readScaleSet(stack planned.Stack, resource fakecloud.Resource) ([]line, error) {
	set, err := read[scaleSet](resource)
	if err != nil {
		return nil, err
	}
	disk := set.VirtualMachineProfile.StorageProfile.OSDisk.ManagedDisk.StorageAccountType
	lines := []line{{price: "instance " + set.SKU.Name}, {price: "disk " + disk + " 32 GiB"}}
	redundant := 0.0
	for _, card := range set.VirtualMachineProfile.NetworkProfile.NetworkInterfaceConfigurations {
		for _, each := range card.IPConfigurations {
			if each.PublicIPAddressConfiguration != nil {
				lines = append(lines, line{price: "public address"})
			}
			if len(each.LoadBalancerBackendAddressPools) > 0 {
				redundant = oneZone(stack, resource.Type, func(set scaleSet) []string { return set.Zones })
			}
		}
	}
	for i := range lines {
		lines[i].quantity, lines[i].redundant = set.SKU.Capacity, redundant
	}
	return lines, nil
}

// readServer counts the standby, which is billed as the primary is.
func readServer(_ planned.Stack, resource fakecloud.Resource) ([]line, error) {
	server, err := read[struct {
		SKU              struct{ Name string }
		Storage          struct{ StorageSizeGB float64 }
		HighAvailability struct{ Mode string }
	}](resource)
	if err != nil {
		return nil, err
	}
	servers := 1.0
	if mode := server.HighAvailability.Mode; mode != "" && mode != "Disabled" {
		servers = 2
	}
	return []line{
		{price: "database " + server.SKU.Name, quantity: servers, redundant: beyondOne(servers)},
		{price: "database storage", quantity: servers * server.Storage.StorageSizeGB, redundant: beyondOne(servers)},
	}, nil
}

// readRules counts a load balancer's rules: one price for up to five.
func readRules(_ planned.Stack, resource fakecloud.Resource) ([]line, error) {
	balancer, err := read[struct{ LoadBalancingRules, OutboundRules []any }](resource)
	if err != nil {
		return nil, err
	}
	const together = 5
	lines := []line{{price: "load balancer rules", quantity: 1}}
	if rules := len(balancer.LoadBalancingRules) + len(balancer.OutboundRules); rules > together {
		lines = append(lines, line{price: "load balancer further rule", quantity: float64(rules - together)})
	}
	return lines, nil
}

// readAddress counts an address of one zone as redundancy when others have
// theirs in other zones.
func readAddress(stack planned.Stack, resource fakecloud.Resource) ([]line, error) {
	type address struct{ Zones []string }
	own, err := read[address](resource)
	if err != nil {
		return nil, err
	}
	of := line{price: "public address", quantity: 1}
	if len(own.Zones) == 1 {
		zonal := 0.0
		for _, each := range stack.Of(resource.Type) {
			if other, err := read[address](each); err == nil && len(other.Zones) == 1 {
				zonal++
			}
		}
		of.redundant = beyondOne(zonal)
	}
	return []line{of}, nil
}
