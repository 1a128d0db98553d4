package azurestack

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/armtypes"
	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
	"orchard/infra/internal/settings/settingstest"
)

// The shortest way to name the types that the tests look at.
const (
	groupType     = "azure-native:compute/v20241101:VirtualMachineScaleSet"
	policyType    = "azure-native:insights/v20221001:AutoscaleSetting"
	balancerType  = "azure-native:network/v20240501:LoadBalancer"
	networkType   = "azure-native:network/v20240501:VirtualNetwork"
	securityType  = "azure-native:network/v20240501:NetworkSecurityGroup"
	addressType   = "azure-native:network/v20240501:PublicIPAddress"
	natType       = "azure-native:network/v20240501:NatGateway"
	dnsType       = "azure-native:network/v20240601:PrivateZone"
	linkType      = "azure-native:network/v20240601:VirtualNetworkLink"
	accountType   = "azure-native:storage/v20240101:StorageAccount"
	containerType = "azure-native:storage/v20240101:BlobContainer"
	blobType      = "azure-native:storage:Blob"
	grantType     = "azure-native:authorization/v20220401:RoleAssignment"
	serverType    = armtypes.ServerToken
	alertType     = "azure-native:insights/v20180301:MetricAlert"
	dashboardType = "azure-native:portal:Dashboard"
)

// dev is what Pulumi.dev-azure.yaml sets, but for the port.
var dev = map[string]string{"cloud": "azure", "allowHttp": "true", "deletionProtection": "false", "databaseStorage": "32"}

func record(t *testing.T, changes map[string]string) *fakecloud.Recorder {
	t.Helper()
	config := map[string]string{}
	for _, each := range []map[string]string{dev, changes} {
		for key, value := range each {
			config[key] = value
		}
	}
	return declareWith(t, settingstest.Parse(t, "dev-azure", config))
}

func declareWith(t *testing.T, set settings.Settings) *fakecloud.Recorder {
	t.Helper()
	var recorder fakecloud.Recorder
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := Declare(ctx, set, release.Release{Program: "orchard", Path: "testdata", Digest: strings.Repeat("ab", 32)})
		return err
	}, pulumi.WithMocks("orchard", set.Stack, &recorder))
	if err != nil {
		t.Fatal(err)
	}
	return &recorder
}

// both runs a test in either topology.
func both(t *testing.T, test func(t *testing.T, r *fakecloud.Recorder)) {
	for _, topology := range []string{"regional", "zonal"} {
		t.Run(topology, func(t *testing.T) {
			test(t, record(t, map[string]string{"topology": topology}))
		})
	}
}
