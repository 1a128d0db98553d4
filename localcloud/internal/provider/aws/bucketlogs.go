package aws

import (
	"encoding/json"
	"fmt"
	"slices"

	"orchard/localcloud/internal/provider"
)

// bucketLogging and bucketLifecycle are recorded: no request to a bucket is
// logged here, and nothing in it grows old.
func bucketLogging() provider.Type {
	t := companion("logging", properties{
		"targetBucket":        text().Needed(),
		"targetPrefix":        text().NoEffect(),
		"expectedBucketOwner": text().Replaces().NoEffect(),
	})
	record := t.Compute
	t.Compute = func(req request) (result, error) {
		if _, err := needBucket(req.World, req.Inputs.Text("targetBucket")); err != nil {
			return result{}, fmt.Errorf("InvalidTargetBucketForLogging: The target bucket for logging does not exist: %s", req.Inputs.Text("targetBucket"))
		}
		return record(req)
	}
	return t
}

func bucketLifecycle() provider.Type {
	days := func(name string) provider.Property { return provider.Object(properties{name: integer().AtLeast(1)}) }
	return companion("lifecycle", properties{
		"rules": provider.List(provider.Object(properties{
			"id":                             text().Needed().Length(1, 255),
			"status":                         text().Needed().OneOf("Enabled", "Disabled"),
			"filter":                         provider.Object(properties{"prefix": text()}),
			"expiration":                     days("days"),
			"noncurrentVersionExpiration":    days("noncurrentDays"),
			"abortIncompleteMultipartUpload": days("daysAfterInitiation"),
		})).Needed().Length(1, 1000).NoEffect(),
		"expectedBucketOwner": text().Replaces().NoEffect(),
	})
}

// logsMayGo says whether a bucket's policy lets a service put objects.
func logsMayGo(w provider.World, bucket, service string) bool {
	for _, r := range each(w.Resources(), typeBucketPolicy) {
		if outs(r).Text("bucket") == bucket && lets(outs(r).Text("policy"), service, "s3:PutObject") {
			return true
		}
	}
	return false
}

// lets says whether a policy document has a statement that lets a service do
// something, whatever its conditions.
func lets(document, service, action string) bool {
	var policy struct {
		Statement []struct {
			Effect            string
			Principal, Action any
		}
	}
	if json.Unmarshal([]byte(document), &policy) != nil {
		return false
	}
	for _, s := range policy.Statement {
		who, _ := s.Principal.(map[string]any)
		if s.Effect == "Allow" && holds(who["Service"], service) && holds(s.Action, action) {
			return true
		}
	}
	return false
}

// holds says whether a text, or one of a list, is the wanted one.
func holds(value any, wanted string) bool {
	several, _ := value.([]any)
	return value == wanted || slices.Contains(several, any(wanted))
}
