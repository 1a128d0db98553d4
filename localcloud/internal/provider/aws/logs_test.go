package aws_test

import (
	"fmt"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// bucketFor is a world with a bucket of logs, whose policy lets one service
// put objects.
func bucketFor(service string) *providertest.World {
	w := smallWorld()
	add := func(typ, id string, outputs map[string]any) {
		w.Have = append(w.Have, world.Resource{
			ID: id, URN: providertest.URN(typ, "logs"), Type: typ, Confirmed: true, Inputs: outputs, Outputs: outputs, Private: map[string]any{"region": region},
		})
	}
	policy := fmt.Sprintf(`{"Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":["s3:PutObject"],"Resource":"*"}]}`, service)
	add("aws:ec2/internetGateway:InternetGateway", "igw-1", map[string]any{"vpcId": "vpc-1"})
	add("aws:s3/bucketV2:BucketV2", "logs#bucket", map[string]any{"bucket": "logs"})
	add("aws:s3/bucketPolicy:BucketPolicy", "logs#bucketPolicy", map[string]any{"bucket": "logs", "policy": policy})
	return w
}

// TestLogsNeedThePolicy: who logs to a bucket must be let in first.
func TestLogsNeedThePolicy(t *testing.T) {
	t.Parallel()
	flows := map[string]any{"vpcId": "vpc-1", "trafficType": "REJECT", "logDestinationType": "s3", "logDestination": "arn:aws:s3:::logs/flows/"}
	requests := map[string]any{"subnets": []any{"subnet-a", "subnet-b"}, "accessLogs": map[string]any{"bucket": "logs", "enabled": true}}
	for _, c := range []struct {
		typ, service, refusal string
		in                    map[string]any
	}{
		{"aws:ec2/flowLog:FlowLog", "delivery.logs.amazonaws.com", "LogDestinationPermissionIssue", flows},
		{"aws:lb/loadBalancer:LoadBalancer", "logdelivery.elasticloadbalancing.amazonaws.com", "Access Denied for bucket: logs", requests},
	} {
		if err := create(t, bucketFor("another.amazonaws.com"), c.typ, c.in); err == nil || !strings.Contains(err.Error(), c.refusal) {
			t.Errorf("%s to a bucket of others: got error %v, want %s", c.typ, err, c.refusal)
		}
		if err := create(t, bucketFor(c.service), c.typ, c.in); err != nil {
			t.Errorf("%s to its bucket: %v", c.typ, err)
		}
	}
}

func create(t *testing.T, w *providertest.World, typ string, in map[string]any) error {
	t.Helper()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(typ, "x"), Properties: c.Pack(c.MustCheck(typ, "x", nil, in))})
	return err
}
