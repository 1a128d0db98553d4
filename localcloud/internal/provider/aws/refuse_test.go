package aws_test

import (
	"encoding/base64"
	"runtime"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/world"
)

// otherType is an instance type of the architecture that this machine is not.
func otherType() string {
	if runtime.GOARCH == "arm64" {
		return "t3.small"
	}
	return "t4g.small"
}

// What Check refuses, by type: the inputs and a part of the first reason.
func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	longScript := base64.StdEncoding.EncodeToString(make([]byte, 16385))
	template := func(key string, value any) map[string]any {
		return map[string]any{"imageId": "ami-0123456789abcdef0", "instanceType": instanceType(), key: value}
	}
	group := func(key string, value any) map[string]any {
		return map[string]any{"vpcId": "vpc-1", "port": 8080.0, "protocol": "HTTP", key: value}
	}
	for name, test := range map[string]struct {
		typ, name string
		in        map[string]any
		want      string
	}{
		"target group name too long": {"aws:lb/targetGroup:TargetGroup", "a-name-of-twenty-five-chars", group("slowStart", 0.0), "at most 32 are allowed"},
		"enum of the SDK's comment":  {"aws:lb/targetGroup:TargetGroup", "app", group("loadBalancingAlgorithmType", "roundRobin"), `loadBalancingAlgorithmType: is "roundRobin", must be one of "round_robin"`},
		"weighted random":            {"aws:lb/targetGroup:TargetGroup", "app", group("loadBalancingAlgorithmType", "weighted_random"), "localcloud takes no target at random"},
		"check interval":             {"aws:lb/targetGroup:TargetGroup", "app", group("healthCheck", map[string]any{"interval": 3.0}), "healthCheck.interval: is 3, must be from 5 to 300"},
		"check timeout":              {"aws:lb/targetGroup:TargetGroup", "app", group("healthCheck", map[string]any{"interval": 5.0}), "healthCheck.timeout: is 5, must be smaller than the interval 5"},
		"slow start":                 {"aws:lb/targetGroup:TargetGroup", "app", group("slowStart", 30.0), "localcloud can only run 0"},
		"required":                   {"aws:lb/listener:Listener", "app", map[string]any{}, "defaultActions: is required"},
		"https, no certificate":      {listenerType, "app", listening("protocol", "HTTPS"), "certificateArn: is required and missing"},
		"certificate on http":        {listenerType, "app", listening("certificateArn", certificate), "certificateArn: may not be given with the protocol HTTP"},
		"policy on http":             {listenerType, "app", listening("sslPolicy", "ELBSecurityPolicy-2016-08"), "sslPolicy: may not be given"},
		"not a certificate":          {listenerType, "app", listening("certificateArn", "arn:aws:iam::1:server-certificate/x"), "must be the ARN of a certificate of ACM"},
		"script too long":            {"aws:ec2/launchTemplate:LaunchTemplate", "app", template("userData", longScript), "userData: has 16385 bytes"},
		"script not base64":          {"aws:ec2/launchTemplate:LaunchTemplate", "app", template("userData", "#!/bin/bash"), "userData: must be base64-encoded"},
		"another architecture":       {"aws:ec2/launchTemplate:LaunchTemplate", "app", template("instanceType", otherType()), "so localcloud cannot run it"},
		"IMDSv1":                     {"aws:ec2/launchTemplate:LaunchTemplate", "app", template("metadataOptions", map[string]any{"httpEndpoint": "enabled"}), "metadataOptions.httpTokens: is \"optional\""},
		"sizes":                      {"aws:autoscaling/group:Group", "app", map[string]any{"minSize": 4.0, "maxSize": 3.0, "launchTemplate": map[string]any{"id": "lt-1"}, "vpcZoneIdentifiers": []any{"subnet-1"}}, "minSize: is 4, above maxSize 3"},
		"maintenance too wide":       {groupType, "app", fleet("instanceMaintenancePolicy", healthy(50, 200)), "instanceMaintenancePolicy.maxHealthyPercentage: is 200, at most 100 above minHealthyPercentage 50"},
		"half a policy":              {groupType, "app", fleet("instanceMaintenancePolicy", healthy(-1, 150)), "must have both percentages, or -1 for both"},
		"most below all":             {groupType, "app", fleet("instanceMaintenancePolicy", healthy(50, 90)), "instanceMaintenancePolicy.maxHealthyPercentage: is 90, must be from 100"},
		"refresh too wide":           {groupType, "app", fleet("instanceRefresh", rolling("maxHealthyPercentage", 195.0)), "instanceRefresh.preferences.maxHealthyPercentage: is 195, at most 100 above minHealthyPercentage 90"},
		"refresh below all":          {groupType, "app", fleet("instanceRefresh", rolling("maxHealthyPercentage", 90.0)), "must be from 100 to 200"},
		"rollback":                   {groupType, "app", fleet("instanceRefresh", rolling("autoRollback", true)), "instanceRefresh.preferences.autoRollback: is true, localcloud can only run false"},
		"checkpoints":                {groupType, "app", fleet("instanceRefresh", rolling("checkpointPercentages", []any{50.0})), "instanceRefresh.preferences.checkpointPercentages: localcloud does not know this property"},
		"warmup in words":            {groupType, "app", fleet("instanceRefresh", rolling("instanceWarmup", "2m")), "instanceWarmup: is \"2m\", must be seconds as text"},
		"another trigger":            {groupType, "app", fleet("instanceRefresh", map[string]any{"strategy": "Rolling", "triggers": []any{"tag"}}), "instanceRefresh.triggers[0]: is \"tag\", localcloud can only run \"launch_template\""},
		"terminating hook":           {groupType, "app", fleet("initialLifecycleHooks", []any{hook("lifecycleTransition", "autoscaling:EC2_INSTANCE_TERMINATING")}), "an instance that ends is drained and not held back"},
		"heartbeat":                  {groupType, "app", fleet("initialLifecycleHooks", []any{hook("heartbeatTimeout", 10.0)}), "heartbeatTimeout: is 10, must be from 30 to 7200"},
		"notification":               {groupType, "app", fleet("initialLifecycleHooks", []any{hook("notificationTargetArn", "arn:aws:sns:x")}), "notificationTargetArn: localcloud does not know this property"},
		"two hooks":                  {groupType, "app", fleet("initialLifecycleHooks", []any{hook("name", "a"), hook("name", "b")}), "initialLifecycleHooks: has 2 items, at most 1 are allowed"},
		"resource label":             {"aws:autoscaling/policy:Policy", "app", map[string]any{"autoscalingGroupName": "a", "policyType": "TargetTrackingScaling", "targetTrackingConfiguration": map[string]any{"targetValue": 5.0, "predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ALBRequestCountPerTarget"}}}, "resourceLabel: is required"},
		"simple scaling":             {"aws:autoscaling/policy:Policy", "app", map[string]any{"autoscalingGroupName": "a", "policyType": "SimpleScaling", "targetTrackingConfiguration": map[string]any{"targetValue": 5.0, "predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ASGAverageCPUUtilization"}}}, "policyType: "},
		"rule without a peer":        {"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "app", map[string]any{"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 1.0, "toPort": 1.0}, "needs a cidrIpv4"},
		"inline rules":               {"aws:ec2/securityGroup:SecurityGroup", "app", map[string]any{"vpcId": "vpc-1", "ingress": []any{}}, "ingress: localcloud does not know this property"},
		"unknown database class":     {"aws:rds/instance:Instance", "db", database("instanceClass", "db.x9.huge"), "instanceClass: localcloud does not know"},
		"no master password":         {"aws:rds/instance:Instance", "db", database("manageMasterUserPassword", false), "needs manageMasterUserPassword or a password"},
		"reserved master":            {"aws:rds/instance:Instance", "db", database("username", "rdsadmin"), "reserved word"},
		"database in public":         {"aws:rds/instance:Instance", "db", database("publiclyAccessible", true), "publiclyAccessible: is true"},
		"bucket name":                {"aws:s3/bucketV2:BucketV2", "b", map[string]any{"bucket": "Upper_Case"}, "lower-case letters"},
		"alarm without a metric":     {alarmType, "app", alarm("actionsEnabled", true), "metricName: is required and missing, as are metricQueries"},
		"alarm of half a metric":     {alarmType, "app", alarm("metricName", "RequestCount"), "namespace: is required with metricName"},
		"alarm with no result":       {alarmType, "app", alarm("metricQueries", []any{query("m1", "returnData", false)}), "return the data of 0 queries"},
		"alarm with two results":     {alarmType, "app", alarm("metricQueries", []any{query("m1", "returnData", true), query("m2", "returnData", true)}), "return the data of 2 queries"},
		"one id twice":               {alarmType, "app", alarm("metricQueries", []any{query("m1", "returnData", true), query("m1", "label", "again")}), `have the id "m1" twice`},
		"expression of another id":   {alarmType, "app", alarm("metricQueries", []any{map[string]any{"id": "e1", "expression": "FILL(m2,0)", "returnData": true}}), `names "m2", must be one of ["e1"]`},
		"more points than periods":   {alarmType, "app", alarm("datapointsToAlarm", 4.0), "datapointsToAlarm: is 4, more than the evaluationPeriods 3"},
		"dashboard of no JSON":       {dashboardType, "page", map[string]any{"dashboardName": "page", "dashboardBody": "rows"}, "dashboardBody: must be a JSON document"},
		"dashboard too wide":         {dashboardType, "page", page(`{"type":"text","x":20,"width":8,"properties":{"markdown":"x"}}`), "has a widget 0 that reaches column 28 of 24"},
		"unknown widget":             {dashboardType, "page", page(`{"type":"gauge","properties":{}}`), `has the type "gauge"`},
		"widget without a region":    {dashboardType, "page", page(`{"type":"metric","properties":{"metrics":[]}}`), "has no region"},
		"fault of another target":    {faultType, "drill", experiment("target", map[string]any{"key": "Instances", "value": "all"}), `names the target "all", must be one of ["one"]`},
		"fault of an odd key":        {faultType, "drill", experiment("target", map[string]any{"key": "Machines", "value": "one"}), `target.key: is "Machines", must be one of`},
		"fault after nothing":        {faultType, "drill", experiment("startAfters", []any{"wait"}), `names the action "wait"`},
		"key given up at once":       {"aws:kms/key:Key", "k", map[string]any{"deletionWindowInDays": 1.0}, "deletionWindowInDays: is 1, must be from 7 to 30"},
		"no template at all":         {groupType, "app", map[string]any{"minSize": 1.0, "maxSize": 1.0, "vpcZoneIdentifiers": []any{"subnet-1"}}, "launchTemplate: is required and missing"},
		"template in two places":     {groupType, "app", fleet("mixedInstancesPolicy", mixed(instanceType())), "launchTemplate: may not be given together with mixedInstancesPolicy"},
		"type of another machine":    {groupType, "app", mixedFleet(otherType()), "so localcloud cannot run it"},
		"endpoint of both kinds":     {"aws:ec2/vpcEndpoint:VpcEndpoint", "ssm", map[string]any{"vpcId": "vpc-1", "serviceName": "s", "vpcEndpointType": "Interface", "routeTableIds": []any{"rtb-1"}}, "routeTableIds: may not be given with the type Interface"},
		"flow log to no bucket":      {"aws:ec2/flowLog:FlowLog", "f", map[string]any{"vpcId": "vpc-1", "trafficType": "ALL", "logDestinationType": "cloud-watch-logs", "logDestination": "arn:aws:logs:x"}, "logDestinationType: is \"cloud-watch-logs\", localcloud can only run \"s3\""},
		"event of another source":    {"aws:rds/eventSubscription:EventSubscription", "e", map[string]any{"snsTopic": "arn", "sourceType": "db-parameter-group", "eventCategories": []any{"failover"}}, `has "failover", which is no category of db-parameter-group`},
		"network range":              {"aws:ec2/vpc:Vpc", "net", map[string]any{"cidrBlock": "10.0.0.0/8"}, "/16 to /28"},
	} {
		got := c.Reasons(test.typ, test.name, test.in)
		if len(got) == 0 || !strings.Contains(got[0], test.want) {
			t.Errorf("%s: Check = %q, want the first to contain %q", name, got, test.want)
		}
	}
}

// The inputs that the cases above change are right as they are.
func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, newWorld()), inFrankfurt)
	secure := listening("protocol", "HTTPS")
	secure["certificateArn"], secure["sslPolicy"] = certificate, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
	for name, test := range map[string]struct {
		typ string
		in  map[string]any
	}{
		"listener":        {listenerType, listening("protocol", "HTTP")},
		"secure listener": {listenerType, secure},
		"policy":          {groupType, fleet("instanceMaintenancePolicy", healthy(100, 200))},
		"policy cleared":  {groupType, fleet("instanceMaintenancePolicy", healthy(-1, -1))},
		"refresh":         {groupType, fleet("instanceRefresh", rolling("instanceWarmup", "120"))},
		"trigger":         {groupType, fleet("instanceRefresh", map[string]any{"strategy": "Rolling", "triggers": []any{"launch_template"}})},
		"alarm":           {alarmType, alarm("metricQueries", []any{query("m1", "label", "x"), map[string]any{"id": "e1", "expression": "IF(FILL(m1,-1)<0,0,1)", "returnData": true}})},
		"dashboard":       {dashboardType, page(`{"type":"text","x":16,"width":8,"properties":{"markdown":"x"}}`)},
		"fault":           {faultType, experiment("target", map[string]any{"key": "Instances", "value": "one"})},
		"several types":   {groupType, mixedFleet(instanceType())},
		"hook":            {groupType, fleet("initialLifecycleHooks", []any{hook("defaultResult", "CONTINUE")})},
	} {
		if got := c.Reasons(test.typ, "app", test.in); len(got) != 0 {
			t.Errorf("%s: Check = %q, want no failure", name, got)
		}
	}
}

const (
	groupType     = "aws:autoscaling/group:Group"
	listenerType  = "aws:lb/listener:Listener"
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	dashboardType = "aws:cloudwatch/dashboard:Dashboard"
	faultType     = "aws:fis/experimentTemplate:ExperimentTemplate"
	certificate   = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

func listening(key string, value any) map[string]any {
	return map[string]any{
		"loadBalancerArn": "arn:lb", "port": 443.0, key: value,
		"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": "arn:tg"}},
	}
}

func fleet(key string, value any) map[string]any {
	return map[string]any{
		"minSize": 1.0, "maxSize": 3.0, "launchTemplate": map[string]any{"id": "lt-1", "version": "1"}, "vpcZoneIdentifiers": []any{"subnet-a"}, key: value,
	}
}

func mixed(types ...any) map[string]any {
	overrides := []any{}
	for _, each := range types {
		overrides = append(overrides, map[string]any{"instanceType": each})
	}
	return map[string]any{"launchTemplate": map[string]any{
		"launchTemplateSpecification": map[string]any{"launchTemplateId": "lt-1", "version": "1"}, "overrides": overrides,
	}}
}

func mixedFleet(types ...any) map[string]any {
	in := fleet("mixedInstancesPolicy", mixed(types...))
	delete(in, "launchTemplate")
	return in
}

func healthy(least, most float64) map[string]any {
	return map[string]any{"minHealthyPercentage": least, "maxHealthyPercentage": most}
}

func rolling(key string, value any) map[string]any {
	return map[string]any{"strategy": "Rolling", "preferences": map[string]any{key: value}}
}

func alarm(key string, value any) map[string]any {
	return map[string]any{"comparisonOperator": "GreaterThanThreshold", "threshold": 1.0, "evaluationPeriods": 3.0, key: value}
}

func query(id, key string, value any) map[string]any {
	return map[string]any{
		"id": id, key: value,
		"metric": map[string]any{"namespace": "AWS/RDS", "metricName": "DatabaseConnections", "stat": "Minimum", "period": 60.0},
	}
}

func page(widget string) map[string]any {
	return map[string]any{"dashboardName": "page", "dashboardBody": `{"widgets":[` + widget + `]}`}
}

func experiment(key string, value any) map[string]any {
	return map[string]any{
		"description": "An instance ends.", "roleArn": "arn:role",
		"actions":        []any{map[string]any{"name": "end", "actionId": "aws:ec2:terminate-instances", key: value}},
		"targets":        []any{map[string]any{"name": "one", "resourceType": "aws:ec2:instance", "selectionMode": "COUNT(1)", "resourceTags": []any{map[string]any{"key": "Stack", "value": "dev"}}}},
		"stopConditions": []any{map[string]any{"source": "none"}},
	}
}

func hook(key string, value any) map[string]any {
	in := map[string]any{"name": "ready", "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
	in[key] = value
	return in
}

func database(key string, value any) map[string]any {
	in := map[string]any{
		"engine": "postgres", "engineVersion": "15", "instanceClass": "db.t4g.micro", "allocatedStorage": 20.0,
		"username": "orchard_admin", "manageMasterUserPassword": true, "dbSubnetGroupName": "database",
	}
	in[key] = value
	return in
}

// What Create refuses as the cloud does: the inputs and the error's code.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	c := providertest.Connect(t, serve(t, smallWorld()), inFrankfurt)
	trust := `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}`
	for name, test := range map[string]struct {
		typ  string
		in   map[string]any
		want string
	}{
		"no such network":          {"aws:ec2/subnet:Subnet", subnet("vpc-9", "a", "10.0.1.0/24"), "InvalidVpcID.NotFound"},
		"no such zone":             {"aws:ec2/subnet:Subnet", subnet("vpc-1", "z", "10.0.1.0/24"), "availabilityZone is invalid"},
		"range outside":            {"aws:ec2/subnet:Subnet", subnet("vpc-1", "a", "10.1.1.0/24"), "InvalidSubnet.Range"},
		"range taken":              {"aws:ec2/subnet:Subnet", subnet("vpc-1", "a", "10.0.0.128/25"), "InvalidSubnet.Conflict"},
		"no internet gateway":      {"aws:lb/loadBalancer:LoadBalancer", map[string]any{"subnets": []any{"subnet-a", "subnet-b"}}, "has no internet gateway"},
		"one zone":                 {"aws:lb/loadBalancer:LoadBalancer", map[string]any{"subnets": []any{"subnet-a"}}, "At least two subnets"},
		"gateway not there":        {"aws:ec2/route:Route", map[string]any{"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-9"}, "InvalidGatewayID.NotFound"},
		"service of another place": {"aws:ec2/vpcEndpoint:VpcEndpoint", map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.us-east-1.s3"}, "InvalidServiceName"},
		"security group not there": {"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", map[string]any{"securityGroupId": "sg-9", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}, "InvalidGroup.NotFound"},
		"bucket not there":         {"aws:s3/bucketPolicy:BucketPolicy", map[string]any{"bucket": "none", "policy": "{}"}, "NoSuchBucket"},
		"role not there":           {"aws:iam/instanceProfile:InstanceProfile", map[string]any{"role": "none"}, "NoSuchEntity"},
		"policy of an odd shape":   {"aws:iam/rolePolicy:RolePolicy", map[string]any{"role": "app", "policy": `{"Statement":[{"Effect":"Maybe","Action":"*"}]}`}, "MalformedPolicyDocument"},
		"role there already":       {"aws:iam/role:Role", map[string]any{"name": "app", "assumeRolePolicy": trust}, "EntityAlreadyExists"},
		"subnets of one zone":      {"aws:rds/subnetGroup:SubnetGroup", map[string]any{"subnetIds": []any{"subnet-a"}}, "DBSubnetGroupDoesNotCoverEnoughAZs"},
		"subnet group not there":   {"aws:rds/instance:Instance", database("port", 5432.0), "DBSubnetGroupNotFoundFault"},
		"template not there":       {"aws:autoscaling/group:Group", map[string]any{"minSize": 1.0, "maxSize": 1.0, "launchTemplate": map[string]any{"id": "lt-9"}, "vpcZoneIdentifiers": []any{"subnet-a"}}, "valid fully-formed launch template"},
		"certificate elsewhere":    {listenerType, map[string]any{"loadBalancerArn": "arn:lb", "port": 443.0, "protocol": "HTTPS", "certificateArn": strings.Replace(certificate, "eu-central-1", "us-east-1", 1), "defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": "none"}}}, "CertificateNotFound"},
		"service not there":        {"aws:ec2/vpcEndpoint:VpcEndpoint", map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.eu-central-1.none", "vpcEndpointType": "Interface"}, "InvalidServiceName"},
		"private names in none":    {"aws:ec2/vpcEndpoint:VpcEndpoint", map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.eu-central-1.ssm", "vpcEndpointType": "Interface", "privateDnsEnabled": true}, "Enabling private DNS requires"},
		"flow log's bucket":        {"aws:ec2/flowLog:FlowLog", map[string]any{"vpcId": "vpc-1", "trafficType": "REJECT", "logDestinationType": "s3", "logDestination": "arn:aws:s3:::none/flows/"}, "LogDestinationNotFound"},
		"logs to nowhere":          {"aws:s3/bucketLoggingV2:BucketLoggingV2", map[string]any{"bucket": "releases", "targetBucket": "none"}, "InvalidTargetBucketForLogging"},
		"events to no topic":       {"aws:rds/eventSubscription:EventSubscription", map[string]any{"snsTopic": "arn:aws:sns:none"}, "SNSTopicArnNotFound"},
		"topic not there":          {"aws:sns/topicPolicy:TopicPolicy", map[string]any{"arn": "arn:aws:sns:none", "policy": trust}, "NotFound: Topic does not exist"},
		"key's policy":             {"aws:kms/key:Key", map[string]any{"policy": `{"Statement":[{"Effect":"Allow"}]}`}, "MalformedPolicyDocument"},
		"target group not there":   {"aws:lb/listener:Listener", map[string]any{"loadBalancerArn": "arn:lb", "port": 80.0, "defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": "none"}}}, "TargetGroupNotFound"},
	} {
		checked := c.MustCheck(test.typ, "x", nil, test.in)
		_, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: providertest.URN(test.typ, "x"), Properties: c.Pack(checked)})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Create error = %v, want one with %q", name, err, test.want)
		}
	}
}

func subnet(vpc, letter, cidr string) map[string]any {
	return map[string]any{"vpcId": vpc, "availabilityZone": region + letter, "cidrBlock": cidr}
}

// smallWorld has a network of two subnets, a route table, a role and a load
// balancer.
func smallWorld() *providertest.World {
	add := func(typ, id string, outputs map[string]any) world.Resource {
		return world.Resource{
			ID: id, URN: providertest.URN(typ, "old"), Type: typ, Confirmed: true, Inputs: outputs, Outputs: outputs,
			Private: map[string]any{"region": region},
		}
	}
	return newWorld(
		add("aws:ec2/vpc:Vpc", "vpc-1", map[string]any{"cidrBlock": "10.0.0.0/16"}),
		add("aws:ec2/subnet:Subnet", "subnet-a", subnet("vpc-1", "a", "10.0.0.0/24")),
		add("aws:ec2/subnet:Subnet", "subnet-b", subnet("vpc-1", "b", "10.0.2.0/24")),
		add("aws:ec2/routeTable:RouteTable", "rtb-1", map[string]any{"vpcId": "vpc-1"}),
		add("aws:iam/role:Role", "app#role", map[string]any{"name": "app"}),
		add("aws:lb/loadBalancer:LoadBalancer", "arn:lb", map[string]any{"name": "old", "vpcId": "vpc-1"}),
	)
}

// What Delete refuses as the cloud does.
func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	w := smallWorld()
	c := providertest.Connect(t, serve(t, w), inFrankfurt)
	_, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: "vpc-1", Urn: providertest.URN("aws:ec2/vpc:Vpc", "old")})
	if err == nil || !strings.Contains(err.Error(), "DependencyViolation") {
		t.Errorf("Delete of a network with subnets: error = %v, want a DependencyViolation", err)
	}
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: "app", Urn: providertest.URN("aws:iam/role:Role", "old")}); err != nil {
		t.Errorf("Delete of a role that nothing uses: %v", err)
	}
	if _, ok := w.Lookup("app#role"); ok {
		t.Error("the deleted role is still in the world")
	}
}
