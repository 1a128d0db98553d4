package aws

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

func bucketTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeBucket: {
			Properties: properties{
				"bucket":            name(63, `^[a-z0-9][a-z0-9.-]+[a-z0-9]$`, "3 to 63 lower-case letters, digits, dots and hyphens"),
				"forceDestroy":      flag().Or(false),
				"objectLockEnabled": flag().Or(false).Replaces().OnlyHere(false, "its objects can be deleted at any time"),
				"tags":              tags(),
			},
			Name: lowerName("bucket", 63), Space: "bucket",
			Computed: []string{"arn", "bucketDomainName", "bucketRegionalDomainName", "hostedZoneId", "region", "tagsAll"},
			Moves:    tagsMove(), Compute: computeBucket, Leave: leaveBucket,
		},
		typePublicAccessBlock: companion("publicAccessBlock", properties{
			"blockPublicAcls":       flag().Or(false).NoEffect(),
			"blockPublicPolicy":     flag().Or(false).NoEffect(),
			"ignorePublicAcls":      flag().Or(false).NoEffect(),
			"restrictPublicBuckets": flag().Or(false).NoEffect(),
		}),
		typeOwnershipControls: companion("ownershipControls", properties{
			"rule": provider.Object(properties{
				"objectOwnership": text().Needed().OneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),
			}).Needed().NoEffect(),
		}),
		typeBucketEncryption: companion("encryption", properties{
			"rules": provider.Set(provider.Object(properties{
				"applyServerSideEncryptionByDefault": provider.Object(properties{
					"sseAlgorithm":   text().Needed().OneOf("AES256", "aws:kms", "aws:kms:dsse"),
					"kmsMasterKeyId": text(),
				}),
				"bucketKeyEnabled": flag(),
			})).Needed().Length(1, 0).NoEffect(),
			"expectedBucketOwner": text().Replaces().NoEffect(),
		}),
		typeBucketVersioning: companion("versioning", properties{
			"versioningConfiguration": provider.Object(properties{
				"status":    text().Needed().OneOf("Enabled", "Suspended", "Disabled"),
				"mfaDelete": text().OneOf("Enabled", "Disabled"),
			}).Needed().NoEffect(),
			"expectedBucketOwner": text().Replaces().NoEffect(),
		}),
		typeBucketPolicy:    companion("bucketPolicy", properties{"policy": provider.Document().Needed()}),
		typeBucketLogging:   bucketLogging(),
		typeBucketLifecycle: bucketLifecycle(),
		typeBucketObject:    objectType(),
	}
}

// companion is a type that configures a bucket and has the bucket's id.
func companion(space string, own properties) provider.Type {
	own["bucket"] = text().Needed().Replaces()
	return provider.Type{
		Properties: own,
		Space:      space,
		Compute: func(req request) (result, error) {
			bucket := req.Inputs.Text("bucket")
			if _, err := needBucket(req.World, bucket); err != nil {
				return result{}, err
			}
			return result{ID: bucket, Private: map[string]any{"region": region(req)}}, nil
		},
	}
}

func computeBucket(req request) (result, error) {
	bucket, at := req.Inputs.Text("bucket"), region(req)
	if r, ok := req.World.Lookup(bucket + "#bucket"); ok && (req.Prev == nil || r.ID != req.Prev.ID) {
		return result{}, fmt.Errorf("BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it: %s", bucket)
	}
	return answer(req, bucket, map[string]any{
		"arn": "arn:aws:s3:::" + bucket, "region": at,
		"bucketDomainName":         bucket + ".s3.amazonaws.com",
		"bucketRegionalDomainName": bucket + ".s3." + at + ".amazonaws.com",
		"hostedZoneId":             "Z" + strings.ToUpper(provider.Digest("s3" + at)[:13]),
	}), nil
}

// leaveBucket refuses to delete a bucket that holds objects, of the program or
// of instances, unless the program has said forceDestroy.
func leaveBucket(req request) error {
	bucket := outs(*req.Prev).Text("bucket")
	if req.Inputs.Flag("forceDestroy") {
		return req.World.Uploads().Remove(bucket)
	}
	keys, err := req.World.Uploads().Keys(bucket, "")
	if err != nil {
		return err
	}
	full := len(keys) > 0
	for _, r := range each(req.World.Resources(), typeBucketObject) {
		full = full || outs(r).Text("bucket") == bucket
	}
	if full {
		return fmt.Errorf("BucketNotEmpty: The bucket %s you tried to delete is not empty", bucket)
	}
	return nil
}
