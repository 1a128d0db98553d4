package aws

import (
	"fmt"

	"orchard/localcloud/internal/provider"
)

// topicTypes are recorded: nothing is published here. Keys encrypt nothing.
func topicTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeTopic: {
			Properties: properties{
				"name":             name(256, `^[\w-]+$`, "letters, digits, - and _"),
				"displayName":      text().Length(0, 100).NoEffect(),
				"kmsMasterKeyId":   text().NoEffect(),
				"signatureVersion": integer().Between(1, 2).NoEffect(),
				"tags":             tags(),
			},
			Name: autoName("name", 256), Space: "topic",
			Computed: []string{"arn", "beginningArchiveTime", "fifoThroughputScope", "owner", "policy", "signatureVersion", "tagsAll", "tracingConfig"},
			Moves:    tagsMove(), Compute: computeTopic,
		},
		typeTopicPolicy: {
			Properties: properties{"arn": text().Needed().Replaces(), "policy": provider.Document().Needed().NoEffect()},
			Space:      "topicPolicy",
			Computed:   []string{"owner"},
			Compute:    computeTopicPolicy,
		},
		typeKey: {
			Properties: properties{
				"description":          text().Length(0, 8192).NoEffect(),
				"deletionWindowInDays": integer().Between(7, 30).NoEffect(),
				"enableKeyRotation":    flag().Or(false).NoEffect(),
				"policy":               provider.Document().NoEffect(),
				"tags":                 tags(),
			},
			Computed: []string{"arn", "keyId", "multiRegion", "policy", "rotationPeriodInDays", "tagsAll"},
			Moves:    tagsMove(), Compute: computeKey,
		},
	}
}

func computeTopic(req request) (result, error) {
	id := arn("sns", region(req), req.Inputs.Text("name"))
	made := map[string]any{
		"arn": id, "beginningArchiveTime": "", "fifoThroughputScope": "", "owner": Account, "tracingConfig": "PassThrough",
		"policy": fmt.Sprintf(`{"Statement":[{"Action":"SNS:Publish","Condition":{"StringEquals":{"AWS:SourceOwner":%q}},"Effect":"Allow","Principal":{"AWS":"*"},"Resource":%q}],"Version":"2008-10-17"}`, Account, id),
	}
	if !req.Inputs.Has("signatureVersion") {
		made["signatureVersion"] = 1.0
	}
	return answer(req, id, made), nil
}

func computeTopicPolicy(req request) (result, error) {
	topic := req.Inputs.Text("arn")
	if _, ok := found(req.World, typeTopic, topic+"#topic"); !ok {
		return result{}, fmt.Errorf("NotFound: Topic does not exist: %s", topic)
	}
	if err := checkPolicy(req.Inputs.Text("policy")); err != nil {
		return result{}, fmt.Errorf("InvalidParameter: Policy Error: %w", err)
	}
	return result{ID: topic, Outputs: map[string]any{"owner": Account}, Private: map[string]any{"region": region(req)}}, nil
}

func computeKey(req request) (result, error) {
	if req.Inputs.Has("policy") {
		if err := checkPolicy(req.Inputs.Text("policy")); err != nil {
			return result{}, err
		}
	}
	id := keptID(req, uuid)
	made := map[string]any{"arn": arn("kms", region(req), "key/"+id), "keyId": id, "multiRegion": false, "rotationPeriodInDays": 0.0}
	if req.Inputs.Flag("enableKeyRotation") {
		made["rotationPeriodInDays"] = 365.0
	}
	if !req.Inputs.Has("policy") {
		made["policy"] = fmt.Sprintf(`{"Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Resource":"*"}],"Version":"2012-10-17"}`, Account)
	}
	return answer(req, id, made), nil
}
