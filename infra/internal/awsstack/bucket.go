package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// oldVersionDays is how long what was deleted or replaced can be had back.
const oldVersionDays = 30

// guardBucket makes a bucket private, owned by its account alone, encrypted
// and versioned, with a policy that begins with onlyTLS. What is in it is kept
// for some days, or for ever where that is 0.
func guardBucket(s scope, name string, bucket *s3.BucketV2, document pulumi.StringInput, days int) ([]pulumi.Resource, error) {
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
	lifecycle, err := ageBucket(s, name, bucket, versions, days)
	if err != nil {
		return nil, err
	}
	// S3 takes one change to a bucket's access at a time.
	attached, err := s3.NewBucketPolicy(s.Context, name, &s3.BucketPolicyArgs{
		Bucket: bucket.ID(), Policy: document,
	}, s.on, pulumi.DependsOn([]pulumi.Resource{block}))
	return []pulumi.Resource{block, ownership, encryption, versions, lifecycle, attached}, err
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

// ageBucket forgets old versions and uploads that were never ended, and all
// that is older than some days where that is not 0.
func ageBucket(s scope, name string, bucket *s3.BucketV2, versions pulumi.Resource, days int) (pulumi.Resource, error) {
	rule := s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("age"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(oldVersionDays),
		},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(7),
		},
	}
	if days > 0 {
		rule.Expiration = s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)}
	}
	return s3.NewBucketLifecycleConfigurationV2(s.Context, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules:  s3.BucketLifecycleConfigurationV2RuleArray{rule},
	}, s.on, pulumi.DependsOn([]pulumi.Resource{versions}))
}

// onlyTLS denies everybody what comes over plain HTTP.
func onlyTLS(bucket string) statement {
	return statement{
		Effect: "Deny", Principal: "*", Action: []string{"s3:*"},
		Resource:  []string{bucket, bucket + "/*"},
		Condition: map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}},
	}
}
