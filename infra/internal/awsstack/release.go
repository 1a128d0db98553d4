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
	guards, err := guardBucket(s, name, bucket)
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

// guardBucket makes a bucket private, owned by its account alone, encrypted,
// versioned and closed to plain HTTP.
func guardBucket(s scope, name string, bucket *s3.BucketV2) ([]pulumi.Resource, error) {
	block, err := s3.NewBucketPublicAccessBlock(s.Context, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, s.on)
	if err != nil {
		return nil, err
	}
	ownership, err := s3.NewBucketOwnershipControls(s.Context, name, &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.ID(),
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, s.on)
	if err != nil {
		return nil, err
	}
	encryption, err := encryptBucket(s, name, bucket)
	if err != nil {
		return nil, err
	}
	versions, err := s3.NewBucketVersioningV2(s.Context, name, &s3.BucketVersioningV2Args{
		Bucket:                  bucket.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, s.on)
	if err != nil {
		return nil, err
	}
	// S3 takes one change to a bucket's access at a time.
	policy, err := s3.NewBucketPolicy(s.Context, name, &s3.BucketPolicyArgs{
		Bucket: bucket.ID(),
		Policy: bucket.Arn.ApplyT(onlyTLS).(pulumi.StringOutput),
	}, s.on, pulumi.DependsOn([]pulumi.Resource{block}))
	if err != nil {
		return nil, err
	}
	return []pulumi.Resource{block, ownership, encryption, versions, policy}, nil
}

func encryptBucket(s scope, name string, bucket *s3.BucketV2) (pulumi.Resource, error) {
	return s3.NewBucketServerSideEncryptionConfigurationV2(s.Context, name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					SseAlgorithm: pulumi.String("AES256"),
				},
			},
		},
	}, s.on)
}

func onlyTLS(bucket string) (string, error) {
	return policy(statement{
		Effect: "Deny", Principal: "*", Action: []string{"s3:*"},
		Resource:  []string{bucket, bucket + "/*"},
		Condition: map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}},
	})
}
