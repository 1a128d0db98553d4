package azure

import (
	"maps"
	"strings"

	"orchard/localcloud/internal/provider"
)

// Version is that of the SDK whose programs the table serves.
const Version = "2.90.0"

// The type tokens.
const (
	typeResourceGroup  = "azure-native:resources:ResourceGroup"
	typeVirtualNetwork = "azure-native:network/v20240501:VirtualNetwork"
	typeSecurityGroup  = "azure-native:network/v20240501:NetworkSecurityGroup"
	typePublicAddress  = "azure-native:network/v20240501:PublicIPAddress"
	typeNatGateway     = "azure-native:network/v20240501:NatGateway"
	typeLoadBalancer   = "azure-native:network/v20240501:LoadBalancer"
	typeFlowLog        = "azure-native:network/v20240501:FlowLog"
	typePrivateZone    = "azure-native:network/v20240601:PrivateZone"
	typeNetworkLink    = "azure-native:network/v20240601:VirtualNetworkLink"
	typeScaleSet       = "azure-native:compute/v20241101:VirtualMachineScaleSet"
	typeAutoscale      = "azure-native:insights/v20221001:AutoscaleSetting"
	typeDiagnostics    = "azure-native:insights/v20210501preview:DiagnosticSetting"
	typeActionGroup    = "azure-native:insights/v20230101:ActionGroup"
	typeMetricAlert    = "azure-native:insights/v20180301:MetricAlert"
	typeDashboard      = "azure-native:portal:Dashboard" // the one version whose tiles may hold charts
	typeWorkspace      = "azure-native:operationalinsights/v20250201:Workspace"
	typeAccount        = "azure-native:storage/v20240101:StorageAccount"
	typeContainer      = "azure-native:storage/v20240101:BlobContainer"
	typeBlob           = "azure-native:storage:Blob" // the SDK has it without a version
	typeIdentity       = "azure-native:managedidentity/v20230131:UserAssignedIdentity"
	typeRoleAssignment = "azure-native:authorization/v20220401:RoleAssignment"
	typeRoleDefinition = "azure-native:authorization:RoleDefinition" // the SDK has it without a version
	typeServer         = "azure-native:dbforpostgresql/v20240801:Server"
	typeAdministrator  = "azure-native:dbforpostgresql/v20240801:Administrator"
	typeDatabase       = "azure-native:dbforpostgresql/v20240801:Database"
	typeConfiguration  = "azure-native:dbforpostgresql/v20240801:Configuration"
)

// Table is what the provider's server answers from.
func Table() provider.Table {
	types := map[string]provider.Type{}
	for _, part := range []map[string]provider.Type{
		groupTypes(), networkTypes(), securityTypes(), balancerTypes(), nameTypes(), storageTypes(),
		identityTypes(), databaseTypes(), scaleSetTypes(), autoscaleTypes(), observeTypes(), alertTypes(), dashboardTypes(),
	} {
		maps.Copy(types, part)
	}
	return provider.Table{Name: "azure-native", Version: Version, Config: config(), Types: types, Invokes: invokes()}
}

// The shorthand in which the tables are written.
type (
	properties = map[string]provider.Property
	request    = provider.Request
	result     = provider.Result
	failures   = []provider.Failure
)

func text() provider.Property                    { return provider.String() }
func flag() provider.Property                    { return provider.Bool() }
func integer() provider.Property                 { return provider.Int() }
func object(p properties) provider.Property      { return provider.Object(p) }
func list(p provider.Property) provider.Property { return provider.List(p) }

// texts is a list of texts whose order means something to azure-native.
func texts() provider.Property { return provider.List(text()) }

// id is the id of another resource.
func id() provider.Property { return text().Length(1, 0).Same(strings.ToLower) }

// reference is an object that holds the id of another resource.
func reference() provider.Property { return object(properties{"id": id().Needed()}) }

func tags() provider.Property {
	return provider.Map(text().Length(0, 256)).Length(0, 50).NoEffect()
}

// location is where a resource is. The Resource Manager moves none.
func location() provider.Property {
	return text().Replaces().Like(`^[A-Za-z0-9 ]+$`, "a location such as germanywestcentral").Same(placeName)
}

// global is the location of what is in none.
func global() provider.Property {
	return text().Needed().Replaces().OneOf("global", "Global").Same(placeName)
}

// parent is the name of what a resource is in, which is part of its path.
func parent() provider.Property { return text().Needed().Replaces().Length(1, 0).Same(strings.ToLower) }

// name is a name that the program may give and azure-native makes up
// otherwise.
func name(low, high int, pattern, saying string) provider.Property {
	return text().Replaces().Length(low, high).Like(pattern, saying)
}

// autoName is azure-native's: the program's name and eight digits.
func autoName(property string, max int) *provider.AutoName {
	return &provider.AutoName{Property: property, Random: 8, Max: max}
}

// copiedName is azure-native's for what is inside another resource: the
// program's name as it is.
func copiedName(property string, max int) *provider.AutoName {
	return &provider.AutoName{Property: property, Max: max}
}

// in adds what every resource of a resource group takes.
func in(p properties) properties {
	p["resourceGroupName"] = parent()
	p["tags"] = tags()
	return p
}

// at is in for a resource that has a location.
func at(p properties) properties {
	p["location"] = location()
	return in(p)
}

// outputs are the computed outputs of a resource: the given ones and those
// that every resource has.
func outputs(names ...string) []string { return append(names, "name", "type") }

const (
	likeNetworkName   = `^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?$`
	sayingNetworkName = "letters, digits and . _ -, a letter or digit first, a letter, digit or _ last"
	likeDuration      = `^P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$`
	sayingDuration    = "an ISO 8601 duration such as PT10M"
)

func networkName(low, high int) provider.Property {
	return name(low, high, likeNetworkName, sayingNetworkName)
}

// partName is the name of something inside a resource.
func partName() provider.Property {
	return text().Needed().Length(1, 80).Like(likeNetworkName, sayingNetworkName)
}

func duration() provider.Property { return text().Like(likeDuration, sayingDuration) }
