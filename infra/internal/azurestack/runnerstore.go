package azurestack

import (
	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	armstorage "github.com/pulumi/pulumi-azure-native-sdk/storage/v2/v20240101"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
)

// runnerStore is one private account. Release, write token and results have
// a container each, because a role is given at a container and no deeper.
type runnerStore struct {
	releaseStore
	tokens, results *armstorage.BlobContainer
	token           *storage.Blob
	// tokenName and resultsPrefix end without a slash.
	tokenName, resultsPrefix string
}

// declareRunnerStore keeps the token under its own digest, so that the custom
// data changes with it. The runner's stack holds a token of its own, rather
// than a right to the service's stack, so that the service's stack knows
// nothing of who loads it.
func declareRunnerStore(s scope, rel release.Release, set settings.Settings, subnet pulumi.StringOutput, token pulumi.StringInput) (runnerStore, error) {
	base, err := declareRelease(s, rel, set, subnet)
	if err != nil {
		return runnerStore{}, err
	}
	r := runnerStore{releaseStore: base, tokenName: set.WriteToken, resultsPrefix: s.stack}
	if r.tokens, err = declareContainer(s, base.account, "tokens"); err != nil {
		return runnerStore{}, err
	}
	if r.results, err = declareContainer(s, base.account, "results"); err != nil {
		return runnerStore{}, err
	}
	r.token, err = storage.NewBlob(s.Context, "token", &storage.BlobArgs{
		ResourceGroupName: s.group.Name,
		AccountName:       base.account.Name,
		ContainerName:     r.tokens.Name,
		BlobName:          pulumi.String(r.tokenName),
		Type:              storage.BlobTypeBlock,
		Source:            token.ToStringOutput().ApplyT(asAsset).(pulumi.AssetOrArchiveOutput),
		ContentType:       pulumi.String("text/plain"),
	}, s.on)
	return r, err
}

func asAsset(text string) pulumi.AssetOrArchive { return pulumi.NewStringAsset(text) }
