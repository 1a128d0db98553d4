package azure_test

import (
	"encoding/base64"
	"fmt"
	"runtime"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	location = "germanywestcentral"
	network  = "azure-native:network/v20240501:"
	postgres = "azure-native:dbforpostgresql/v20240801:"

	groupType    = "azure-native:resources:ResourceGroup"
	nsgType      = network + "NetworkSecurityGroup"
	vnetType     = network + "VirtualNetwork"
	addressType  = network + "PublicIPAddress"
	natType      = network + "NatGateway"
	balancerType = network + "LoadBalancer"
	zoneType     = "azure-native:network/v20240601:PrivateZone"
	linkType     = "azure-native:network/v20240601:VirtualNetworkLink"
	setType      = "azure-native:compute/v20241101:VirtualMachineScaleSet"
	scaleType    = "azure-native:insights/v20221001:AutoscaleSetting"
	diagType     = "azure-native:insights/v20210501preview:DiagnosticSetting"
	spaceType    = "azure-native:operationalinsights/v20250201:Workspace"
	accountType  = "azure-native:storage/v20240101:StorageAccount"
	boxType      = "azure-native:storage/v20240101:BlobContainer"
	blobType     = "azure-native:storage:Blob"
	identityType = "azure-native:managedidentity/v20230131:UserAssignedIdentity"
	grantType    = "azure-native:authorization/v20220401:RoleAssignment"
	serverType   = postgres + "Server"

	blobReader = "/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
	assignment = "11111111-2222-4333-8444-555555555555"
)

// thing is any resource; the outputs are those that programs read.
type thing struct {
	pulumi.CustomResourceState

	Name        pulumi.StringOutput `pulumi:"name"`
	IPAddress   pulumi.StringOutput `pulumi:"ipAddress"`
	FQDN        pulumi.StringOutput `pulumi:"fullyQualifiedDomainName"`
	PrincipalID pulumi.StringOutput `pulumi:"principalId"`
	ClientID    pulumi.StringOutput `pulumi:"clientId"`
	Subnets     pulumi.ArrayOutput  `pulumi:"subnets"`
	URL         pulumi.StringOutput `pulumi:"url"`
}

// program is a whole stack as the infrastructure program declares it, by type
// token. The fields are what a test changes between runs.
type program struct {
	script   string
	release  string // path of a file
	interval int    // of the probe, in seconds
	capacity int
	account  string // name of the storage account
	noRule   bool
	extra    func(*stack) // more resources
}

// stack declares resources one after the other and remembers the first error.
type stack struct {
	ctx   *pulumi.Context
	on    pulumi.ResourceOption
	group *thing
	err   error
}

func (s *stack) add(typ, name string, args pulumi.Map, opts ...pulumi.ResourceOption) *thing {
	r := &thing{}
	if s.group != nil && typ != grantType && typ != diagType {
		args["resourceGroupName"] = s.group.Name
	}
	if s.err == nil {
		s.err = s.ctx.RegisterResource(typ, name, args, r, append(opts, s.on, pulumi.Version("2.90.0"))...)
	}
	return r
}

func size() string {
	if runtime.GOARCH == "arm64" {
		return "Standard_D2ps_v5"
	}
	return "Standard_D2s_v5"
}

func image() string {
	if runtime.GOARCH == "arm64" {
		return "server-arm64"
	}
	return "server"
}

func text(s string) pulumi.String { return pulumi.String(s) }

func ref(id pulumi.Input) pulumi.Map { return pulumi.Map{"id": id} }

func (p program) run(ctx *pulumi.Context) error {
	provider := &pulumi.ProviderResourceState{}
	err := ctx.RegisterResource("pulumi:providers:azure-native", "azure", pulumi.Map{"location": text(location)}, provider, pulumi.Version("2.90.0"))
	if err != nil {
		return err
	}
	s := &stack{ctx: ctx, on: pulumi.Provider(provider)}
	s.group = s.add(groupType, "orchard", pulumi.Map{"location": text("Germany West Central")})
	vnet, nsg := s.network()
	p.service(s, vnet, nsg)
	if p.extra != nil {
		p.extra(s)
	}
	return s.err
}

func (s *stack) network() (vnet, nsg *thing) {
	nsg = s.add(nsgType, "app", pulumi.Map{"securityRules": pulumi.Array{
		rule("clients", 100, "Inbound", "Allow", "Internet", "10.0.0.0/24", "8080"),
		rule("probe", 110, "Inbound", "Allow", "AzureLoadBalancer", "*", "8080"),
		rule("store", 100, "Outbound", "Allow", "10.0.0.0/24", "Storage", "443"),
		rule("services", 110, "Outbound", "Allow", "10.0.0.0/24", "Internet", "443"),
		rule("database", 120, "Outbound", "Allow", "10.0.0.0/24", "10.0.1.0/24", "5432"),
		rule("none-out", 4096, "Outbound", "Deny", "*", "*", "*"),
		rule("none-in", 4096, "Inbound", "Deny", "*", "*", "*"),
	}})
	closed := s.add(nsgType, "database", pulumi.Map{"securityRules": pulumi.Array{
		rule("app", 100, "Inbound", "Allow", "10.0.0.0/24", "10.0.1.0/24", "5432"),
		rule("none-in", 4096, "Inbound", "Deny", "*", "*", "*"),
	}})
	address := s.add(addressType, "nat", publicAddress("1"))
	nat := s.add(natType, "nat", pulumi.Map{
		"sku": pulumi.Map{"name": text("Standard")}, "zones": pulumi.StringArray{text("1")}, "publicIpAddresses": pulumi.Array{ref(address.ID())},
	})
	vnet = s.add(vnetType, "network", pulumi.Map{
		"addressSpace": pulumi.Map{"addressPrefixes": pulumi.StringArray{text("10.0.0.0/16")}},
		"subnets": pulumi.Array{
			pulumi.Map{
				"name": text("app"), "addressPrefix": text("10.0.0.0/24"), "defaultOutboundAccess": pulumi.Bool(false),
				"networkSecurityGroup": ref(nsg.ID()), "natGateway": ref(nat.ID()),
				"serviceEndpoints": pulumi.Array{pulumi.Map{"service": text("Microsoft.Storage")}},
			},
			pulumi.Map{
				"name": text("database"), "addressPrefix": text("10.0.1.0/24"), "defaultOutboundAccess": pulumi.Bool(false),
				"networkSecurityGroup": ref(closed.ID()),
				"delegations":          pulumi.Array{pulumi.Map{"name": text("pg"), "serviceName": text("Microsoft.DBforPostgreSQL/flexibleServers")}},
			},
		},
	})
	return vnet, nsg
}

func rule(name string, priority int, direction, access, from, to, port string) pulumi.Map {
	return pulumi.Map{
		"name": text(name), "priority": pulumi.Int(priority), "direction": text(direction), "access": text(access), "protocol": text("Tcp"),
		"sourceAddressPrefix": text(from), "sourcePortRange": text("*"), "destinationAddressPrefix": text(to), "destinationPortRange": text(port),
	}
}

func publicAddress(zones ...string) pulumi.Map {
	return pulumi.Map{
		"sku": pulumi.Map{"name": text("Standard")}, "publicIPAllocationMethod": text("Static"), "zones": pulumi.ToStringArray(zones),
	}
}

func (p program) service(s *stack, vnet, nsg *thing) {
	blob, box := p.releases(s)
	server, last := s.database(vnet)
	app, admin := s.add(identityType, "app", pulumi.Map{}), s.add(identityType, "admin", pulumi.Map{})
	grant := s.add(grantType, "read", pulumi.Map{
		"scope": box.ID(), "roleAssignmentName": text(assignment), "roleDefinitionId": text(blobReader),
		"principalId": app.PrincipalID, "principalType": text("ServicePrincipal"),
	})
	administrator := s.add(postgres+"Administrator", "admin", pulumi.Map{
		"serverName": server.Name, "objectId": admin.PrincipalID, "principalName": admin.Name, "principalType": text("ServicePrincipal"),
	}, pulumi.DependsOn([]pulumi.Resource{last}))
	balancer := p.balancer(s)
	set := s.add(setType, "app", p.scaleSet(vnet, balancer, blob, server, app, admin),
		pulumi.DependsOn([]pulumi.Resource{nsg, grant, administrator}), pulumi.IgnoreChanges([]string{"sku.capacity"}))
	s.scaling(set)
	space := s.add(spaceType, "service", pulumi.Map{"sku": pulumi.Map{"name": text("PerGB2018")}, "retentionInDays": pulumi.Int(30)})
	s.add(diagType, "database", pulumi.Map{
		"resourceUri": server.ID(), "workspaceId": space.ID(),
		"logs": pulumi.Array{pulumi.Map{"categoryGroup": text("allLogs"), "enabled": pulumi.Bool(true)}},
	})
	s.watch(balancer)
	s.ctx.Export("endpoint", server.FQDN)
	s.ctx.Export("blob", blob.URL)
	s.ctx.Export("set", set.Name)
	s.ctx.Export("account", pulumi.ToOutput(blob.ID()))
}

// watch has an alert that tells a group of people, and a dashboard.
func (s *stack) watch(balancer *thing) {
	people := s.add(toldType, "people", pulumi.Map{"location": text("global"), "groupShortName": text("orchard")})
	s.add(alertType, "down", pulumi.Map{
		"location": text("global"), "enabled": pulumi.Bool(true), "severity": pulumi.Int(1),
		"evaluationFrequency": text("PT1M"), "windowSize": text("PT5M"), "scopes": pulumi.Array{balancer.ID()},
		"actions": pulumi.Array{pulumi.Map{"actionGroupId": people.ID()}},
		"criteria": pulumi.Map{
			"odataType": text("Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"),
			"allOf": pulumi.Array{pulumi.Map{
				"criterionType": text("StaticThresholdCriterion"), "name": text("down"), "metricName": text("VipAvailability"),
				"operator": text("LessThan"), "threshold": pulumi.Float64(90), "timeAggregation": text("Average"),
			}},
		},
	})
	chart := pulumi.Map{"title": text("Traffic"), "metrics": pulumi.Array{pulumi.Map{
		"resourceMetadata": ref(balancer.ID()), "name": text("ByteCount"), "namespace": text("microsoft.network/loadbalancers"), "aggregationType": pulumi.Int(1),
	}}}
	part := pulumi.Map{
		"position": pulumi.Map{"x": pulumi.Int(0), "y": pulumi.Int(0), "colSpan": pulumi.Int(6), "rowSpan": pulumi.Int(4)},
		"metadata": pulumi.Map{
			"type": text("Extension/HubsExtension/PartType/MonitorChartPart"), "inputs": pulumi.Array{},
			"settings": pulumi.Map{"content": pulumi.Map{"options": pulumi.Map{"chart": chart}}},
		},
	}
	s.add(boardType, "service", pulumi.Map{
		"properties": pulumi.Map{"lenses": pulumi.Array{pulumi.Map{"order": pulumi.Int(0), "parts": pulumi.Array{part}}}},
	})
}

func (p program) releases(s *stack) (blob, box *thing) {
	account := s.add(accountType, "releases", pulumi.Map{
		"accountName": text(p.account), "kind": text("StorageV2"), "sku": pulumi.Map{"name": text("Standard_ZRS")},
		"allowBlobPublicAccess": pulumi.Bool(false), "minimumTlsVersion": text("TLS1_2"),
	})
	box = s.add(boxType, "releases", pulumi.Map{"accountName": account.Name})
	blob = s.add(blobType, "release", pulumi.Map{
		"accountName": account.Name, "containerName": box.Name, "blobName": text("releases/1/orchard"), "source": pulumi.NewFileAsset(p.release),
	})
	return blob, box
}

func (s *stack) database(vnet *thing) (server, last *thing) {
	zone := s.add(zoneType, "database", pulumi.Map{"location": text("Global"), "privateZoneName": text("orchard.private.postgres.database.azure.com")})
	link := s.add(linkType, "database", pulumi.Map{
		"location": text("Global"), "privateZoneName": zone.Name, "virtualNetwork": ref(vnet.ID()), "registrationEnabled": pulumi.Bool(false),
	})
	server = s.add(serverType, "database", pulumi.Map{
		"version": text("15"), "sku": pulumi.Map{"name": text("Standard_D2ds_v5"), "tier": text("GeneralPurpose")},
		"storage": pulumi.Map{"storageSizeGB": pulumi.Int(32)}, "availabilityZone": text("1"),
		"highAvailability": pulumi.Map{"mode": text("ZoneRedundant"), "standbyAvailabilityZone": text("2")},
		"network": pulumi.Map{
			"delegatedSubnetResourceId": pulumi.Sprintf("%s/subnets/database", vnet.ID()), "privateDnsZoneArmResourceId": zone.ID(),
			"publicNetworkAccess": text("Disabled"),
		},
		"authConfig": pulumi.Map{"activeDirectoryAuth": text("Enabled"), "passwordAuth": text("Disabled")},
	}, pulumi.DependsOn([]pulumi.Resource{link}))
	parameter := s.add(postgres+"Configuration", "max_connections", pulumi.Map{"serverName": server.Name, "value": text("60")})
	return server, s.add(postgres+"Database", "orchard", pulumi.Map{"serverName": server.Name}, pulumi.DependsOn([]pulumi.Resource{parameter}))
}

// balancer has ids that the program puts together itself, one of them with
// the words in another case.
func (p program) balancer(s *stack) *thing {
	address := s.add(addressType, "public", publicAddress("1", "2", "3"))
	inner := func(part string) pulumi.Map {
		return ref(pulumi.Sprintf("%s/providers/microsoft.network/LoadBalancers/orchard/%s", s.group.ID(), part))
	}
	rules := pulumi.Array{pulumi.Map{
		"name": text("public"), "protocol": text("Tcp"), "frontendPort": pulumi.Int(8080), "backendPort": pulumi.Int(8080),
		"frontendIPConfiguration": inner("frontendIPConfigurations/public"), "backendAddressPool": inner("backendAddressPools/app"),
		"probe": inner("probes/livez"), "enableTcpReset": pulumi.Bool(true), "disableOutboundSnat": pulumi.Bool(true),
	}}
	if p.noRule {
		rules = pulumi.Array{}
	}
	return s.add(balancerType, "public", pulumi.Map{
		"loadBalancerName": text("orchard"), "sku": pulumi.Map{"name": text("Standard")},
		"frontendIPConfigurations": pulumi.Array{pulumi.Map{"name": text("public"), "publicIPAddress": ref(address.ID())}},
		"backendAddressPools":      pulumi.Array{pulumi.Map{"name": text("app")}},
		"probes": pulumi.Array{pulumi.Map{
			"name": text("livez"), "protocol": text("Http"), "port": pulumi.Int(8080), "requestPath": text("/livez"),
			"intervalInSeconds": pulumi.Int(p.interval), "probeThreshold": pulumi.Int(2), "noHealthyBackendsBehavior": text("AllProbedUp"),
		}},
		"loadBalancingRules": rules,
	})
}

func (p program) scaleSet(vnet, balancer, blob, server, app, admin *thing) pulumi.Map {
	return pulumi.Map{
		"orchestrationMode": text("Flexible"), "platformFaultDomainCount": pulumi.Int(1), "zones": pulumi.ToStringArray([]string{"1", "2", "3"}),
		"sku":                    pulumi.Map{"name": text(size()), "capacity": pulumi.Int(p.capacity)},
		"identity":               pulumi.Map{"type": text("UserAssigned"), "userAssignedIdentities": pulumi.Array{app.ID(), admin.ID()}},
		"upgradePolicy":          pulumi.Map{"mode": text("Rolling"), "rollingUpgradePolicy": pulumi.Map{"maxSurge": pulumi.Bool(true)}},
		"automaticRepairsPolicy": pulumi.Map{"enabled": pulumi.Bool(true), "gracePeriod": text("PT10M")},
		"virtualMachineProfile": pulumi.Map{
			"osProfile": pulumi.Map{
				"computerNamePrefix": text("orchard"), "adminUsername": text("orchard"),
				"customData": pulumi.All(blob.URL, server.FQDN, app.ClientID).ApplyT(func(v []any) string {
					return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %s %s", p.script, v[0], v[1], v[2]))
				}).(pulumi.StringOutput),
				"linuxConfiguration": pulumi.Map{
					"disablePasswordAuthentication": pulumi.Bool(true),
					"ssh":                           pulumi.Map{"publicKeys": pulumi.Array{pulumi.Map{"path": text("/home/orchard/.ssh/authorized_keys"), "keyData": text("ssh-ed25519 AAAA")}}},
				},
			},
			"storageProfile": pulumi.Map{
				"imageReference": pulumi.Map{"publisher": text("Canonical"), "offer": text("ubuntu-24_04-lts"), "sku": text(image()), "version": text("latest")},
				"osDisk":         pulumi.Map{"createOption": text("FromImage")},
			},
			"networkProfile": pulumi.Map{
				"networkApiVersion": text("2020-11-01"),
				"networkInterfaceConfigurations": pulumi.Array{pulumi.Map{
					"name": text("app"), "primary": pulumi.Bool(true),
					"ipConfigurations": pulumi.Array{pulumi.Map{
						"name": text("app"), "subnet": ref(firstID(vnet.Subnets)),
						"loadBalancerBackendAddressPools": pulumi.Array{ref(pulumi.Sprintf("%s/backendAddressPools/app", balancer.ID()))},
					}},
				}},
			},
			"extensionProfile": pulumi.Map{"extensions": pulumi.Array{pulumi.Map{
				"name": text("health"), "publisher": text("Microsoft.ManagedServices"), "type": text("ApplicationHealthLinux"), "typeHandlerVersion": text("2.0"),
				"settings": pulumi.Map{"protocol": text("http"), "port": pulumi.Int(8080), "requestPath": text("/livez"), "numberOfProbes": pulumi.Int(3)},
			}}},
			"scheduledEventsProfile": pulumi.Map{"terminateNotificationProfile": pulumi.Map{"enable": pulumi.Bool(true), "notBeforeTimeout": text("PT6M")}},
		},
	}
}

func (s *stack) scaling(set *thing) {
	rule := func(operator string, threshold float64, direction, cooldown string) pulumi.Map {
		return pulumi.Map{
			"metricTrigger": pulumi.Map{
				"metricName": text("Percentage CPU"), "metricResourceUri": set.ID(), "operator": text(operator), "statistic": text("Average"),
				"timeAggregation": text("Maximum"), "threshold": pulumi.Float64(threshold), "timeGrain": text("PT1M"), "timeWindow": text("PT5M"),
			},
			"scaleAction": pulumi.Map{"direction": text(direction), "type": text("ChangeCount"), "value": text("2"), "cooldown": text(cooldown)},
		}
	}
	s.add(scaleType, "app", pulumi.Map{
		"enabled": pulumi.Bool(true), "targetResourceUri": set.ID(),
		"profiles": pulumi.Array{pulumi.Map{
			"name": text("always"), "capacity": pulumi.Map{"minimum": text("3"), "maximum": text("6"), "default": text("3")},
			"rules": pulumi.Array{rule("GreaterThan", 60, "Increase", "PT2M"), rule("LessThan", 25, "Decrease", "PT10M")},
		}},
	})
}

// firstID is the id that the cloud has made for the first of the parts.
func firstID(parts pulumi.ArrayOutput) pulumi.StringOutput {
	return parts.ApplyT(func(parts []any) string { return parts[0].(map[string]any)["id"].(string) }).(pulumi.StringOutput)
}
