package aws_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// whole is a stack on record: what the engine's program leaves in a world. It
// is made once, by the test that asks first.
var (
	whole     []world.Resource
	wholeOnce sync.Once
)

func declared(t *testing.T) []world.Resource {
	t.Helper()
	wholeOnce.Do(func() {
		w := newWorld()
		providertest.Up(t, newStack(t, serve(t, w), standard(t)))
		whole = w.Resources()
	})
	if len(whole) == 0 {
		t.Fatal("the stack that this test starts from did not go up")
	}
	return slices.Clone(whole)
}

// A world is built and taken down one resource at a time: every part of a
// stack translates.
func TestDeclareParts(t *testing.T) {
	t.Parallel()
	providertest.EveryPart(t, translates, declared(t))
}

func TestDeclareBalancer(t *testing.T) {
	t.Parallel()
	check := map[string]any{"path": "/livez", "port": "traffic-port", "matcher": "200", "interval": 5.0, "timeout": 2.0, "healthyThreshold": 2.0, "unhealthyThreshold": 3.0}
	d, _, err := aws.Declare([]world.Resource{
		record("aws:ec2/subnet:Subnet", "subnet-b", map[string]any{"availabilityZone": "eu-central-1b"}),
		record("aws:ec2/subnet:Subnet", "subnet-a", map[string]any{"availabilityZone": "eu-central-1a"}),
		record("aws:lb/loadBalancer:LoadBalancer", "lb", map[string]any{
			"name": "orchard", "dnsName": "127.7.0.10", "idleTimeout": 60.0, "subnets": []any{"subnet-b", "subnet-a", "gone"},
		}),
		record("aws:lb/targetGroup:TargetGroup", "tg", map[string]any{
			"name": "app", "port": 8080.0, "deregistrationDelay": 30.0, "healthCheck": check,
			"loadBalancingAlgorithmType": "least_outstanding_requests", "loadBalancingCrossZoneEnabled": "false",
		}),
		record(listenerType, "secure", map[string]any{
			"loadBalancerArn": "lb", "port": 443.0, "protocol": "HTTPS", "defaultActions": []any{map[string]any{"targetGroupArn": "tg"}},
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	balancer := world.Balancer{
		ID: "lb", Name: "orchard", Address: "127.7.0.10", Layer: 7, IdleTimeout: time.Minute, Zones: []string{"eu-central-1a", "eu-central-1b"},
		Listeners: []world.Listener{{ID: "secure", Port: 443, Pool: "tg", Secure: true}},
	}
	got := d.Balancers["lb"]
	got.Blocked = nil // see TestBlocked
	if diff := cmp.Diff(balancer, got); diff != "" {
		t.Errorf("balancer (-want +got):\n%s", diff)
	}
	pool := world.Pool{
		ID: "tg", Name: "app", Port: 8080, Drain: 30 * time.Second, Algorithm: world.LeastOutstanding, FailOpen: true,
		Check: world.HealthCheck{Path: "/livez", Port: 8080, Matcher: "200", Interval: 5 * time.Second, Timeout: 2 * time.Second, Healthy: 2, Unhealthy: 3},
	}
	if diff := cmp.Diff(pool, d.Pools["tg"]); diff != "" {
		t.Errorf("pool (-want +got):\n%s", diff)
	}
}

func TestDeclareDatabase(t *testing.T) {
	t.Parallel()
	resources := []world.Resource{
		record("aws:rds/parameterGroup:ParameterGroup", "pg#parameterGroup", map[string]any{"name": "pg", "parameters": []any{
			map[string]any{"name": "rds.force_ssl", "value": "0"},
			map[string]any{"name": "max_connections", "value": "60"},
			map[string]any{"name": "work_mem", "value": "8192"},
		}}),
		record("aws:ec2/subnet:Subnet", "subnet-b", map[string]any{"availabilityZone": "eu-central-1b"}),
		record("aws:ec2/subnet:Subnet", "subnet-a", map[string]any{"availabilityZone": "eu-central-1a"}),
		record("aws:rds/subnetGroup:SubnetGroup", "g#subnetGroup", map[string]any{"name": "g", "subnetIds": []any{"subnet-b", "subnet-a"}}),
		record("aws:rds/instance:Instance", "db-1", map[string]any{
			"identifier": "orchard", "address": "127.7.0.40", "port": 5433.0, "engineVersion": "15", "multiAz": true, "dbName": "fruit",
			"username": "owner", "instanceClass": "db.t4g.micro", "parameterGroupName": "pg", "dbSubnetGroupName": "g",
			"resourceId": "db-1", "iamDatabaseAuthenticationEnabled": true,
		}),
	}
	resources[4].Private = map[string]any{"masterPassword": "p", "masterSecret": "arn:secret"}
	d, cloud, err := aws.Declare(resources)
	if err != nil {
		t.Fatal(err)
	}
	want := world.Database{
		ID: "db-1", Name: "orchard", Address: "127.7.0.40", Port: 5433, Major: 15, Standby: true,
		Zones: []string{"eu-central-1a", "eu-central-1b"}, Database: "fruit", MasterRole: "owner", MasterPassword: "p",
		MaxConnections: 60, Parameters: map[string]string{"work_mem": "8192"},
	}
	if diff := cmp.Diff(want, d.Databases["db-1"]); diff != "" {
		t.Errorf("database (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(aws.Secret{ARN: "arn:secret", Username: "owner", Password: "p", Database: "db-1"}, cloud.Secrets["arn:secret"]); diff != "" {
		t.Errorf("secret (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(aws.DatabaseAccess{ResourceID: "db-1", IAM: true}, cloud.Databases["db-1"]); diff != "" {
		t.Errorf("access (-want +got):\n%s", diff)
	}
}

func record(typ, id string, outputs map[string]any) world.Resource {
	return world.Resource{ID: id, URN: providertest.URN(typ, id), Type: typ, Outputs: outputs}
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	for instance, want := range map[string]string{
		"t4g.small": "arm64", "m7gd.large": "arm64", "c6gn.xlarge": "arm64", "a1.medium": "arm64", "x2gd.medium": "arm64",
		"t3.small": "x86_64", "m5.large": "x86_64", "g4dn.xlarge": "x86_64", "c7i-flex.large": "x86_64", "m6a.large": "x86_64", "g5.xlarge": "x86_64",
	} {
		if got := aws.Architecture(instance); got != want {
			t.Errorf("Architecture(%s) = %s, want %s", instance, got, want)
		}
	}
}
