package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/release"
)

// releaseStore is a private bucket and the release in it, under a key that
// holds its digest: the key, and so the user-data, changes exactly when the
// binary does.
type releaseStore struct {
	release.Release
	bucket *s3.BucketV2
	object *s3.BucketObjectv2
	// guards must exist before anything secret is put into the bucket.
	guards []pulumi.Resource
}

func declareRelease(s scope, name string, rel release.Release, protect bool) (releaseStore, error) {
	bucket, err := s3.NewBucketV2(s.Context, name, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(!protect),
		Tags:         s.named(name),
	}, s.on)
	if err != nil {
		return releaseStore{}, err
	}
	document := bucket.Arn.ApplyT(func(bucket string) (string, error) { return policy(onlyTLS(bucket)) }).(pulumi.StringOutput)
	guards, err := guardBucket(s, name, bucket, document, 0)
	if err != nil {
		return releaseStore{}, err
	}
	object, err := s3.NewBucketObjectv2(s.Context, "release", &s3.BucketObjectv2Args{
		Bucket:      bucket.ID(),
		Key:         pulumi.String(rel.Key()),
		Source:      pulumi.NewFileAsset(rel.Path),
		ContentType: pulumi.String("application/octet-stream"),
	}, s.on, pulumi.DependsOn(guards))
	if err != nil {
		return releaseStore{}, err
	}
	return releaseStore{Release: rel, bucket: bucket, object: object, guards: guards}, nil
}
