package scorecard

import (
	"slices"

	"orchard/infra/internal/armtypes"
)

// The types that rows of Azure look at.
const (
	armScaleSet      = "azure-native:compute/v20241101:VirtualMachineScaleSet"
	armNetwork       = "azure-native:network/v20240501:VirtualNetwork"
	armSecurityGroup = "azure-native:network/v20240501:NetworkSecurityGroup"
	armFlowLog       = "azure-native:network/v20240501:FlowLog"
	armAddress       = "azure-native:network/v20240501:PublicIPAddress"
	armNatGateway    = "azure-native:network/v20240501:NatGateway"
	armBalancer      = "azure-native:network/v20240501:LoadBalancer"
	armAccount       = "azure-native:storage/v20240101:StorageAccount"
	armAssignment    = "azure-native:authorization/v20220401:RoleAssignment"
	armDiagnostics   = "azure-native:insights/v20210501preview:DiagnosticSetting"
	armVault         = "azure-native:keyvault/v20241101:Vault"
	armServer        = armtypes.ServerToken
	armAdministrator = armtypes.AdministratorToken
	armConfiguration = armtypes.ConfigurationToken
)

// Azure is the controls of a stack on Azure. An id is a short name of a
// service and a number; each row names the built-in policies that it stands
// for.
func Azure() []Row {
	return slices.Concat(azureCompute(), azureNetwork(), azureDatabase(), azureStore(), azureAccess(), azureZones())
}
