package awsstack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logStore is the bucket of what the load balancer, the network and the other
// bucket log. Each has a prefix of its own.
type logStore struct {
	bucket *s3.BucketV2
	// guards must exist before anything logs: a load balancer that may not
	// write to the bucket is refused.
	guards []pulumi.Resource
}

const (
	requestLogs = "requests"
	flowLogs    = "flows"
	bucketLogs  = "buckets/"
)

// logDays is how long logs are kept.
const logDays = 365

func declareLogStore(s scope, region string, n network, protect bool) (logStore, error) {
	bucket, err := s3.NewBucketV2(s.Context, "logs", &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(!protect),
		Tags:         s.named("logs"),
	}, s.on)
	if err != nil {
		return logStore{}, err
	}
	document := pulumi.All(bucket.Arn, n.vpc.OwnerId).ApplyT(func(values []any) (string, error) {
		return takeLogs(values[0].(string), region, values[1].(string))
	}).(pulumi.StringOutput)
	guards, err := guardBucket(s, "logs", bucket, document, logDays)
	if err != nil {
		return logStore{}, err
	}
	_, err = ec2.NewFlowLog(s.Context, "refused", &ec2.FlowLogArgs{
		VpcId:              n.vpc.ID(),
		TrafficType:        pulumi.String("REJECT"),
		LogDestinationType: pulumi.String("s3"),
		LogDestination:     pulumi.Sprintf("%s/%s/", bucket.Arn, flowLogs),
		Tags:               s.named("refused"),
	}, s.on, pulumi.DependsOn(guards))
	return logStore{bucket, guards}, err
}

// takeLogs lets three services put what they log for this account, each below
// its own prefix, and nobody else anything. SSE-S3 is the one encryption that
// all three can write.
func takeLogs(bucket, region, account string) (string, error) {
	put := func(service, below, source string) statement {
		return statement{
			Effect: "Allow", Principal: map[string]string{"Service": service},
			Action: []string{"s3:PutObject"}, Resource: []string{bucket + "/" + below},
			Condition: map[string]map[string]string{
				"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": source},
			},
		}
	}
	const flows = "delivery.logs.amazonaws.com"
	delivery := "arn:aws:logs:" + region + ":" + account + ":*"
	look := put(flows, "", delivery)
	look.Action, look.Resource = []string{"s3:GetBucketAcl"}, []string{bucket}
	requests := put("logdelivery.elasticloadbalancing.amazonaws.com", requestLogs+"/AWSLogs/"+account+"/*",
		"arn:aws:elasticloadbalancing:"+region+":"+account+":loadbalancer/*")
	delete(requests.Condition, "StringEquals") // it tells the load balancer alone, whose ARN has the account
	return policy(
		onlyTLS(bucket), requests, look, put(flows, flowLogs+"/AWSLogs/"+account+"/*", delivery),
		put("logging.s3.amazonaws.com", bucketLogs+"*", "arn:aws:s3:::*"),
	)
}

// logRequests notes every request to a bucket.
func (l logStore) logRequests(s scope, name string, bucket *s3.BucketV2) error {
	_, err := s3.NewBucketLoggingV2(s.Context, name, &s3.BucketLoggingV2Args{
		Bucket:       bucket.ID(),
		TargetBucket: l.bucket.ID(),
		TargetPrefix: pulumi.String(bucketLogs),
	}, s.on, pulumi.DependsOn(l.guards))
	return err
}
