package awsstack

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/settings"
)

// longestName is the most characters of a resource's name in the program: the
// engine adds eight, and 32 is the most that load balancers and target groups
// may have, 63 databases, and all others more.
func longestName(token string) int {
	if strings.HasPrefix(token, "aws:lb/") {
		return 24
	}
	return 55
}

func TestNames(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, each := range r.Resources() {
			if most := longestName(each.Type); len(each.Name) > most {
				t.Errorf("%s %s has a name of %d characters, want at most %d", each.Type, each.Name, len(each.Name), most)
			}
			_, named := each.Inputs["name"]
			_, prefixed := each.Inputs["namePrefix"]
			if (named && each.Type != groupType) || prefixed {
				t.Errorf("%s %s has a fixed name, which stands in its own way when it is replaced", each.Type, each.Name)
			}
		}
	})
}

// TestLongestZone has names of the longest zones that settings accept.
func TestLongestZone(t *testing.T) {
	r := record(t, map[string]string{
		"region": "ap-southeast-1", "zones": "ap-southeast-1a,ap-southeast-1b,ap-southeast-1c", "topology": "zonal",
	})
	for _, each := range r.Resources() {
		if most := longestName(each.Type); len(each.Name) > most {
			t.Errorf("%s %s has a name of %d characters, want at most %d", each.Type, each.Name, len(each.Name), most)
		}
	}
}

func TestEveryResourceNamesTheProvider(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, each := range r.Resources() {
			if each.Type != "pulumi:providers:aws" && !strings.Contains(each.Provider, "pulumi:providers:aws::aws::") {
				t.Errorf("%s %s uses the provider %q, want the stack's own", each.Type, each.Name, each.Provider)
			}
		}
	})
}

func TestTypes(t *testing.T) {
	want := map[string]int{
		"aws:ec2/subnet:Subnet": 9, "aws:ec2/eip:Eip": 3, "aws:ec2/natGateway:NatGateway": 3,
		"aws:ec2/routeTable:RouteTable": 5, "aws:ec2/route:Route": 4,
		"aws:ec2/routeTableAssociation:RouteTableAssociation":       9,
		"aws:ec2/securityGroup:SecurityGroup":                       3,
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 3,
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   3,
	}
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for token, n := range want {
			if got := len(r.Of(token)); got != n {
				t.Errorf("%s: got %d, want %d", token, got, n)
			}
		}
	})
}

// TestLaunchTemplate: metadata version 2 only, one hop, no public address,
// encrypted disks, metrics each minute.
func TestLaunchTemplate(t *testing.T) {
	template := fakecloud.Only(t, record(t, nil), templateType)
	fakecloud.Expect(t, template, map[string]any{
		"metadataOptions.httpTokens":                    "required",
		"metadataOptions.httpPutResponseHopLimit":       1.0,
		"networkInterfaces[0].associatePublicIpAddress": "false",
		"blockDeviceMappings[0].ebs.encrypted":          "true",
		"monitoring.enabled":                            true,
		"imageId":                                       "ami-0arm64",
		"instanceType":                                  "t4g.small",
		"networkInterfaces[0].securityGroups[0]":        "securitygroup-app",
	})
	for _, absent := range []string{"vpcSecurityGroupIds", "keyName"} {
		if _, ok := template.Inputs[resource.PropertyKey(absent)]; ok {
			t.Errorf("launch template has the input %s", absent)
		}
	}
}

func TestUserDataNamesWhatIsDeclared(t *testing.T) {
	template := fakecloud.Only(t, record(t, nil), templateType)
	script, err := base64.StdEncoding.DecodeString(template.Inputs["userData"].StringValue())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"s3://bucketv2-releases/releases/" + strings.Repeat("ab", 32) + "/orchard",
		"ORCHARD_DATABASE_POOL=6", "instance-database.abc123.eu-central-1.rds.amazonaws.com:5432/orchard",
		"ORCHARD_DATABASE_SECRET=arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b-AbCdEf",
	} {
		if !strings.Contains(string(script), want) {
			t.Errorf("user-data does not say %s", want)
		}
	}
}

// TestGroupVersion: a literal number, which differs when the template does.
func TestGroupVersion(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, group := range r.Of(groupType) {
			fakecloud.Expect(t, group, map[string]any{
				"mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version": "7", "healthCheckType": "ELB", "metricsGranularity": "1Minute",
				"waitForCapacityTimeout": "10m", "healthCheckGracePeriod": 180.0, "defaultInstanceWarmup": 120.0,
			})
			if !slices.Equal(group.Ignores, []string{"desiredCapacity"}) {
				t.Errorf("group %s ignores changes of %v, want desiredCapacity", group.Name, group.Ignores)
			}
			if got := len(group.Inputs["enabledMetrics"].ArrayValue()); got != 8 {
				t.Errorf("group %s reports %d metrics, want all 8", group.Name, got)
			}
		}
	})
}

// TestGroupWaits: an instance that boots too early fails and stays failed.
func TestGroupWaits(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		for _, group := range r.Of(groupType) {
			fakecloud.Needs(t, group,
				"aws:lb/listener:Listener public", "aws:s3/bucketObjectv2:BucketObjectv2 release",
				"aws:rds/instance:Instance database", "aws:ec2/vpcEndpoint:VpcEndpoint s3", "aws:ec2/route:Route public",
				"aws:iam/rolePolicy:RolePolicy read-release", "aws:iam/rolePolicy:RolePolicy connect-database",
				"aws:iam/rolePolicy:RolePolicy read-master-secret", "aws:iam/rolePolicy:RolePolicy complete-launch-hook",
				"aws:iam/rolePolicyAttachment:RolePolicyAttachment session-manager",
			)
			for _, zone := range []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"} {
				fakecloud.Needs(t, group, "aws:ec2/natGateway:NatGateway nat-"+zone, "aws:ec2/route:Route app-"+zone,
					"aws:ec2/routeTableAssociation:RouteTableAssociation app-"+zone)
			}
			for _, rule := range []string{"EgressRule balancer-app", "IngressRule app-balancer", "EgressRule app-services", "EgressRule app-database", "IngressRule database-app"} {
				kind, name, _ := strings.Cut(rule, " ")
				fakecloud.Needs(t, group, "aws:vpc/securityGroup"+kind+":SecurityGroup"+kind+" "+name)
			}
		}
	})
}

func TestTopologies(t *testing.T) {
	sizes := func(r *fakecloud.Recorder) map[string][3]float64 {
		got := map[string][3]float64{}
		for name, g := range r.Of(groupType) {
			got[name] = [3]float64{
				float64(len(g.Inputs["vpcZoneIdentifiers"].ArrayValue())),
				g.Inputs["minSize"].NumberValue(), g.Inputs["maxSize"].NumberValue(),
			}
		}
		return got
	}
	regional := map[string][3]float64{"app": {3, 3, 6}}
	if diff := cmp.Diff(regional, sizes(record(t, nil))); diff != "" {
		t.Errorf("regional groups: zones, min, max (-want +got):\n%s", diff)
	}
	zonal := map[string][3]float64{"eu-central-1a": {1, 1, 2}, "eu-central-1b": {1, 1, 2}, "eu-central-1c": {1, 1, 2}}
	r := record(t, map[string]string{"topology": "zonal"})
	if diff := cmp.Diff(zonal, sizes(r)); diff != "" {
		t.Errorf("zonal groups: zones, min, max (-want +got):\n%s", diff)
	}
	for _, g := range r.Of(groupType) {
		fakecloud.Expect(t, g, map[string]any{"targetGroupArns[0]": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/targetgroup-app/2"})
	}
}

// TestRequestPolicy: its metric exists once a listener leads to the group.
func TestRequestPolicy(t *testing.T) {
	both(t, func(t *testing.T, r *fakecloud.Recorder) {
		policies := r.Of(policyType)
		if want := 2 * len(r.Of(groupType)); len(policies) != want {
			t.Errorf("got %d policies, want %d", len(policies), want)
		}
		for name, policy := range policies {
			if strings.HasPrefix(name, "requests-") {
				fakecloud.Needs(t, policy, "aws:lb/listener:Listener public")
				fakecloud.Expect(t, policy, map[string]any{
					"targetTrackingConfiguration.predefinedMetricSpecification.resourceLabel": "app/loadbalancer-public/1/targetgroup/targetgroup-app/2",
				})
			}
		}
	})
}

func TestDatabase(t *testing.T) {
	db := fakecloud.Only(t, record(t, map[string]string{"databaseMultiAz": "false"}), "aws:rds/instance:Instance")
	fakecloud.Expect(t, db, map[string]any{
		"engineVersion": "15", "manageMasterUserPassword": true, "iamDatabaseAuthenticationEnabled": true,
		"publiclyAccessible": false, "storageEncrypted": true, "multiAz": false, "skipFinalSnapshot": true,
	})
	if _, ok := db.Inputs["password"]; ok {
		t.Error("the database has a password in its inputs")
	}
	protected := fakecloud.Only(t, record(t, map[string]string{"deletionProtection": "true"}), "aws:rds/instance:Instance")
	fakecloud.Expect(t, protected, map[string]any{
		"deletionProtection": true, "skipFinalSnapshot": false, "multiAz": true,
		"finalSnapshotIdentifier": "orchard-dev-last-vpc-network",
	})
}

// TestDatabaseHasNoWayOut: its table has no route at all.
func TestDatabaseHasNoWayOut(t *testing.T) {
	r := record(t, nil)
	for name, route := range r.Of("aws:ec2/route:Route") {
		if got := fakecloud.At(t, route, "routeTableId"); got == "routetable-database" {
			t.Errorf("route %s leads out of the database's subnets", name)
		}
	}
	for name, subnet := range r.Of("aws:ec2/subnet:Subnet") {
		fakecloud.Expect(t, subnet, map[string]any{"mapPublicIpOnLaunch": false})
		association := r.Of("aws:ec2/routeTableAssociation:RouteTableAssociation")[name]
		fakecloud.Expect(t, association, map[string]any{"subnetId": "subnet-" + name})
	}
}

// TestRules: only the balancer is open to the world, and no group has rules
// of its own besides the rule resources.
func TestRules(t *testing.T) {
	r := record(t, nil)
	for name, rule := range r.Of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
		_, open := rule.Inputs["cidrIpv4"]
		if open != (name == "balancer-clients") {
			t.Errorf("ingress rule %s: open to the world is %v", name, open)
		}
	}
	for name, group := range r.Of("aws:ec2/securityGroup:SecurityGroup") {
		if _, ok := group.Inputs["ingress"]; ok {
			t.Errorf("security group %s has inline rules", name)
		}
	}
}

// TestLeastPrivilege reads the documents of an instance: one action each, on
// one resource.
func TestLeastPrivilege(t *testing.T) {
	want := map[string]string{
		"read-release":         `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::bucketv2-releases/releases/*"]}]}`,
		"connect-database":     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["rds-db:connect"],"Resource":["arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-ABCDEFGHIJKL01234/orchard_app"]}]}`,
		"read-master-secret":   `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":["arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b-AbCdEf"]}]}`,
		"complete-launch-hook": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["autoscaling:CompleteLifecycleAction"],"Resource":["arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/orchard-dev-app"]}]}`,
	}
	got := map[string]string{}
	for name, grant := range record(t, nil).Of("aws:iam/rolePolicy:RolePolicy") {
		if grant.Inputs["role"].StringValue() == "role-app" {
			got[name] = grant.Inputs["policy"].StringValue()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inline policies (-want +got):\n%s", diff)
	}
}

func TestListener(t *testing.T) {
	fakecloud.Expect(t, fakecloud.Only(t, record(t, map[string]string{"listenerPort": "8080"}), listenerType), map[string]any{"protocol": "HTTP", "port": 8080.0})
	tls := record(t, map[string]string{"certificateArn": "arn:aws:acm:eu-central-1:1:certificate/c", "domain": "fruit.example.org"})
	fakecloud.Expect(t, fakecloud.Only(t, tls, listenerType), map[string]any{
		"protocol": "HTTPS", "port": 443.0, "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
	})
}

// TestLookUps: what is configured is not asked for.
func TestLookUps(t *testing.T) {
	if got := record(t, nil).Calls(); len(got) != 2 {
		t.Errorf("nothing configured: got the look-ups %v, want zones and image", got)
	}
	r := record(t, map[string]string{"image": "ami-1", "zones": "eu-central-1d,eu-central-1b,eu-central-1a"})
	if got := r.Calls(); len(got) != 0 {
		t.Errorf("zones and image configured: got the look-ups %v, want none", got)
	}
	fakecloud.Expect(t, fakecloud.Only(t, r, templateType), map[string]any{"imageId": "ami-1"})
}

func TestSubnetRange(t *testing.T) {
	t.Parallel()
	for place, want := range map[int]string{0: "10.7.0.0/20", 2: "10.7.32.0/20", 15: "10.7.240.0/20"} {
		if got, err := subnetRange("10.7.0.0/16", place); got != want || err != nil {
			t.Errorf("subnet %d: got %s, %v, want %s", place, got, err, want)
		}
	}
	for _, place := range []int{-1, 16} {
		if got, err := subnetRange("10.7.0.0/16", place); err == nil {
			t.Errorf("subnet %d: got %s, want an error", place, got)
		}
	}
}

func TestConnectDatabaseRefusesAnotherARN(t *testing.T) {
	t.Parallel()
	if got, err := completeHooks("eu-central-1", "database-1", []string{"orchard-dev-app"}); err == nil {
		t.Errorf("policy for hooks and no ARN: got %s, want an error", got)
	}
	if got, err := connectDatabase("eu-central-1", "database-1", "db-X"); err == nil {
		t.Errorf("policy for no ARN: got %s, want an error", got)
	}
	if got, err := secretARN(nil); err == nil {
		t.Errorf("no managed secret: got %q, want an error", got)
	}
}

// TestSizes: the drain must outlast the check that finds it.
func TestSizes(t *testing.T) {
	t.Parallel()
	if notice := checkThreshold*checkInterval + checkTimeout; drain <= notice || deregistrationDelay <= drain {
		t.Errorf("drain %s must be above %s, and deregistration %s above the drain", drain, notice, deregistrationDelay)
	}
	if settings.Zones > 4 {
		t.Errorf("%d zones do not fit in a tier of four subnets", settings.Zones)
	}
}
