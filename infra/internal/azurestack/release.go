package azurestack

import (
	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	armstorage "github.com/pulumi/pulumi-azure-native-sdk/storage/v2/v20240101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
)

// releaseStore is a private container and the release in it, under a name
// that holds its digest: the name, and so the custom data, changes exactly
// when the binary does.
type releaseStore struct {
	release.Release
	account   *armstorage.StorageAccount
	container *armstorage.BlobContainer
	blob      *storage.Blob
}

func declareRelease(s scope, rel release.Release, set settings.Settings, subnet pulumi.StringOutput) (releaseStore, error) {
	account, err := declareAccount(s, set, subnet)
	if err != nil {
		return releaseStore{}, err
	}
	container, err := declareContainer(s, account, "releases")
	if err != nil {
		return releaseStore{}, err
	}
	blob, err := storage.NewBlob(s.Context, "release", &storage.BlobArgs{
		ResourceGroupName: s.group.Name,
		AccountName:       account.Name,
		ContainerName:     container.Name,
		BlobName:          pulumi.String(rel.Key()),
		Type:              storage.BlobTypeBlock,
		Source:            pulumi.NewFileAsset(rel.Path),
		ContentType:       pulumi.String("application/octet-stream"),
	}, s.on)
	if err != nil {
		return releaseStore{}, err
	}
	return releaseStore{Release: rel, account: account, container: container, blob: blob}, nil
}

func declareContainer(s scope, account *armstorage.StorageAccount, name string) (*armstorage.BlobContainer, error) {
	return armstorage.NewBlobContainer(s.Context, name, &armstorage.BlobContainerArgs{
		ResourceGroupName: s.group.Name,
		AccountName:       account.Name,
		PublicAccess:      armstorage.PublicAccessNone,
	}, s.on)
}

// declareAccount keeps three copies, one a zone, and is closed to anonymous
// readers and plain HTTP. One door stays open, and it is the engine's, which
// uploads with the account's key: keys are allowed.
func declareAccount(s scope, set settings.Settings, subnet pulumi.StringOutput) (*armstorage.StorageAccount, error) {
	return armstorage.NewStorageAccount(s.Context, "releases", &armstorage.StorageAccountArgs{
		ResourceGroupName:           s.group.Name,
		Location:                    s.location,
		AccountName:                 s.unique("orchard"),
		Kind:                        pulumi.String("StorageV2"),
		Sku:                         armstorage.SkuArgs{Name: pulumi.String("Standard_ZRS")},
		AllowBlobPublicAccess:       pulumi.Bool(false),
		AllowSharedKeyAccess:        pulumi.Bool(true),
		AllowCrossTenantReplication: pulumi.Bool(false),
		EnableHttpsTrafficOnly:      pulumi.Bool(true),
		MinimumTlsVersion:           pulumi.String("TLS1_2"),
		PublicNetworkAccess:         pulumi.String("Enabled"),
		NetworkRuleSet:              networkRules(set.DeployFrom, subnet),
		Tags:                        s.named("releases"),
	}, s.on, protect(set.DeletionProtection))
}

// networkRules let in the instances' subnet, the addresses that the engine
// uploads from, and services of Azure that write logs. Without such addresses
// all networks are let in, because the engine may run anywhere.
func networkRules(addresses []string, subnet pulumi.StringOutput) armstorage.NetworkRuleSetPtrInput {
	if len(addresses) == 0 {
		return armstorage.NetworkRuleSetArgs{DefaultAction: armstorage.DefaultActionAllow}
	}
	rules := armstorage.IPRuleArray{}
	for _, address := range addresses {
		rules = append(rules, armstorage.IPRuleArgs{IPAddressOrRange: pulumi.String(address), Action: armstorage.ActionAllow})
	}
	return armstorage.NetworkRuleSetArgs{
		DefaultAction: armstorage.DefaultActionDeny,
		Bypass:        pulumi.String("AzureServices"),
		IpRules:       rules,
		VirtualNetworkRules: armstorage.VirtualNetworkRuleArray{armstorage.VirtualNetworkRuleArgs{
			VirtualNetworkResourceId: subnet, Action: armstorage.ActionAllow,
		}},
	}
}
