package azurestack

import (
	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	armstorage "github.com/pulumi/pulumi-azure-native-sdk/storage/v2/v20240101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
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

func declareRelease(s scope, rel release.Release, protected bool) (releaseStore, error) {
	account, err := declareAccount(s, protected)
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
// readers and plain HTTP. Two doors stay open, and both are the engine's: it
// uploads with the account's key, so keys are allowed, and from wherever it
// runs, so all networks are.
func declareAccount(s scope, protected bool) (*armstorage.StorageAccount, error) {
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
		Tags:                        s.named("releases"),
	}, s.on, protect(protected))
}
