package aws

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

// flowLogType is recorded: no flow is logged here.
func flowLogType() provider.Type {
	return provider.Type{
		Properties: properties{
			"vpcId":                  text().Needed().Replaces(),
			"trafficType":            text().Needed().Replaces().OneOf("ACCEPT", "ALL", "REJECT").NoEffect(),
			"logDestinationType":     text().Needed().Replaces().OnlyHere("s3", "its flow logs belong in buckets"),
			"logDestination":         text().Needed().Replaces(),
			"maxAggregationInterval": integer().Or(600.0).Replaces().OneOf(60, 600).NoEffect(),
			"tags":                   tags(),
		},
		Computed: []string{"arn", "logFormat", "tagsAll"},
		Moves:    tagsMove(), Compute: computeFlowLog,
	}
}

func computeFlowLog(req request) (result, error) {
	if _, err := needVpc(req.World, req.Inputs.Text("vpcId")); err != nil {
		return result{}, err
	}
	bucket, _, _ := strings.Cut(strings.TrimPrefix(req.Inputs.Text("logDestination"), "arn:aws:s3:::"), "/")
	if _, err := needBucket(req.World, bucket); err != nil {
		return result{}, fmt.Errorf("LogDestinationNotFoundException: LogDestination: %s does not exist", bucket)
	}
	if !logsMayGo(req.World, bucket, "delivery.logs.amazonaws.com") {
		return result{}, fmt.Errorf("LogDestinationPermissionIssueException: LogDestination: %s is not authorized for delivery: make the flow log depend on the bucket's policy", bucket)
	}
	id := newID(req, "fl")
	return answer(req, id, map[string]any{
		"arn":       arn("ec2", region(req), "vpc-flow-log/"+id),
		"logFormat": "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}",
	}), nil
}
