package scorecard

import (
	"fmt"
	"slices"
	"strings"

	"orchard/infra/internal/planned"
)

const (
	bucketType       = "aws:s3/bucketV2:BucketV2"
	bucketPolicyType = "aws:s3/bucketPolicy:BucketPolicy"
	blockType        = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	loggingType      = "aws:s3/bucketLoggingV2:BucketLoggingV2"
)

func s3() []Row {
	return []Row{
		{ID: "S3.1, S3.2, S3.3, S3.8", Setting: "buckets are not public", Check: companion(blockType,
			is("blockPublicAcls", true), is("blockPublicPolicy", true), is("ignorePublicAcls", true), is("restrictPublicBuckets", true))},
		{ID: "S3.5", Setting: "buckets refuse plain HTTP", Check: companion(bucketPolicyType, refusesHTTP)},
		{ID: "S3.6", Setting: "bucket policies give other accounts nothing", Check: companion(bucketPolicyType, grants("policy", toServices))},
		{ID: "S3.9", Setting: "buckets log requests", Check: requestLogs},
		{ID: "S3.12", Setting: "buckets have no ACLs", Check: companion("aws:s3/bucketOwnershipControls:BucketOwnershipControls", is("rule.objectOwnership", "BucketOwnerEnforced"))},
		{ID: "S3.13", Setting: "buckets have a lifecycle", Check: companion("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", eachOf("rules", "status", "Enabled"))},
	}
}

// companion passes when each bucket has a resource of a type, with nothing
// wrong.
func companion(token string, wrong ...judge) Check {
	return every(bucketType, owns(token, "bucket", wrong...))
}

// requestLogs waives the buckets that others log to, and no other.
func requestLogs(stack planned.Stack) (State, string) {
	var targets, silent []string
	for _, logging := range of(stack, loggingType) {
		targets = append(targets, text(logging, "targetBucket"))
	}
	for _, bucket := range of(stack, bucketType) {
		if owns(loggingType, "bucket", given("targetBucket"))(stack, bucket) == "" {
			continue
		}
		if !slices.Contains(targets, bucket.ID) {
			return Fail, fmt.Sprintf("BucketV2 %s: nobody logs requests to it", bucket.Name)
		}
		silent = append(silent, bucket.Name)
	}
	if len(silent) == 0 {
		return Pass, "all buckets log requests"
	}
	return Waived, fmt.Sprintf("BucketV2 %s holds the logs of the others; logs of its own would each make another.", strings.Join(silent, ", "))
}
