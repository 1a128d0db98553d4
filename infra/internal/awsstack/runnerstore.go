package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
	"orchard/infra/internal/settings"
)

// runnerStore is one private bucket: the release, the write token, and below
// resultsPrefix what the nodes put.
type runnerStore struct {
	releaseStore
	token *s3.BucketObjectv2
	// tokenKey and resultsPrefix end without a slash.
	tokenKey, resultsPrefix string
}

// declareRunnerStore keeps the token under its own digest, so that the
// user-data changes with it. The runner's stack holds a token of its own,
// rather than a right to the service's stack, so that the service's stack
// knows nothing of who loads it.
func declareRunnerStore(s scope, rel release.Release, set settings.Settings, token pulumi.StringInput) (runnerStore, error) {
	store, err := declareRelease(s, "store", rel, set.DeletionProtection)
	if err != nil {
		return runnerStore{}, err
	}
	r := runnerStore{releaseStore: store, tokenKey: "tokens/" + set.WriteToken, resultsPrefix: "results/" + s.stack}
	r.token, err = s3.NewBucketObjectv2(s.Context, "token", &s3.BucketObjectv2Args{
		Bucket:      store.bucket.ID(),
		Key:         pulumi.String(r.tokenKey),
		Content:     token.ToStringOutput().ToStringPtrOutput(),
		ContentType: pulumi.String("text/plain"),
	}, s.on, pulumi.DependsOn(store.guards))
	return r, err
}
