package scorecard

import (
	"slices"
	"testing"

	"orchard/infra/internal/planned"
	"orchard/infra/internal/settings"
)

func TestAWS(t *testing.T) {
	t.Parallel()
	checkCard(t, settings.AWS, 60, 53, slices.Concat(elbExamples, computeExamples, networkExamples, databaseExamples, bucketExamples, identityExamples))
}

var elbExamples = []counterExample{
	{"ELB.1", setEach(listenerType, "protocol", "HTTP")},
	{"ELB.4", setEach(loadBalancerType, "dropInvalidHeaderFields", nil)},
	{"ELB.5", setEach(loadBalancerType, "accessLogs.enabled", false)},
	{"ELB.5", setEach(loadBalancerType, "accessLogs", nil)},
	{"ELB.6", setEach(loadBalancerType, "enableDeletionProtection", false)},
	{"ELB.12", setEach(loadBalancerType, "desyncMitigationMode", "monitor")},
	{"ELB.13", setEach(loadBalancerType, "subnets", []any{"subnet-public-eu-central-1a"})},
	{"ELB.17", setEach(listenerType, "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06")},
	{"ELB.18", setEach(listenerType, "protocol", "HTTP")},
	{"ELB.21", setEach(targetGroupType, "healthCheck.protocol", "HTTP")},
	{"ELB.22", setEach(targetGroupType, "protocol", "HTTP")},
}

var computeExamples = []counterExample{
	{"AutoScaling.1", setEach(groupType, "healthCheckType", "EC2")},
	{"AutoScaling.2", setEach(groupType, "vpcZoneIdentifiers", []any{"subnet-app-eu-central-1a"})},
	{"AutoScaling.6", setEach(groupType, overrides, []any{map[string]any{"instanceType": "m7g.large"}})},
	{"AutoScaling.9", setEach(groupType, "mixedInstancesPolicy", nil)},
	{"AutoScaling.9", setEach(groupType, "launchConfiguration", "old")},
	{"EC2.170", setEach(templateType, "metadataOptions.httpTokens", "optional")},
	{"EC2.170", setEach(templateType, "metadataOptions.httpPutResponseHopLimit", 2.0)},
	{"EC2.25", setEach(templateType, "networkInterfaces[0].associatePublicIpAddress", "true")},
	{"EC2.181", setEach(templateType, "blockDeviceMappings[0].ebs.encrypted", nil)},
	{"EC2.181", setEach(templateType, "blockDeviceMappings", []any{})},
	{"EC2.17", setEach(templateType, "networkInterfaces", []any{map[string]any{"deviceIndex": 0.0}, map[string]any{"deviceIndex": 1.0}})},
}

var networkExamples = []counterExample{
	{"EC2.2", drop(defaultGroupType)},
	{"EC2.2", setEach(defaultGroupType, "ingress", []any{map[string]any{"self": true}})},
	{"EC2.6", drop(flowLogType)},
	{"EC2.6", setEach(flowLogType, "trafficType", "ACCEPT")},
	{"EC2.15", setOne(subnetType, "public-eu-central-1a", "mapPublicIpOnLaunch", true)},
	{"EC2.16", setOne(aclType, "database", "subnetIds", []any{})},
	{"EC2.18", setOne(ingressType, "balancer-clients", "toPort", 8443.0)},
	{"EC2.18", setOne(ingressType, "app-balancer", "cidrIpv6", "::/0")},
	{"EC2.19", setOne(ingressType, "balancer-clients", "ipProtocol", "-1")},
	{"EC2.19", add(ingressType, "administrators", map[string]any{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0})},
	{"EC2.21", drop(defaultACLType)},
	{"EC2.21", setOne(aclType, "public", "ingress[1].toPort", 3389.0)},
	{"EC2.10", drop(endpointType)},
	{"EC2.57", setOne(endpointType, "ssm", "vpcEndpointType", "Gateway")},
}

var databaseExamples = []counterExample{
	{"RDS.2", setEach(databaseType, "publiclyAccessible", true)},
	{"RDS.3", setEach(databaseType, "storageEncrypted", nil)},
	{"RDS.5", setEach(databaseType, "multiAz", false)},
	{"RDS.6", setEach(databaseType, "monitoringInterval", 0.0)},
	{"RDS.6", setEach(databaseType, "monitoringRoleArn", nil)},
	{"RDS.8", setEach(databaseType, "deletionProtection", false)},
	{"RDS.9, RDS.36", setEach(databaseType, "enabledCloudwatchLogsExports", []any{"upgrade"})},
	{"RDS.10", setEach(databaseType, "iamDatabaseAuthenticationEnabled", false)},
	{"RDS.11", setEach(databaseType, "backupRetentionPeriod", 6.0)},
	{"RDS.13", setEach(databaseType, "autoMinorVersionUpgrade", false)},
	{"RDS.13", setEach(databaseType, "engineVersion", "15.13")},
	{"RDS.17", setEach(databaseType, "copyTagsToSnapshot", nil)},
	{"RDS.20", setOne(subscriptionType, "database", "eventCategories", []any{"failure"})},
	{"RDS.21", setOne(subscriptionType, "parameters", "enabled", false)},
	{"RDS.22", setOne(subscriptionType, "old-groups", "snsTopic", nil)},
	{"RDS.23", setEach(databaseType, "port", 5432.0)},
	{"RDS.23", setEach(databaseType, "port", nil)},
	{"RDS.25", setEach(databaseType, "username", "postgres")},
	{"RDS.46", setOne("aws:ec2/route:Route", "public", "routeTableId", "routetable-database")},
}

var bucketExamples = []counterExample{
	{"S3.1, S3.2, S3.3, S3.8", setEach(blockType, "restrictPublicBuckets", false)},
	{"S3.1, S3.2, S3.3, S3.8", setOne(blockType, "logs", "bucket", "another")},
	{"S3.5", setOne(bucketPolicyType, "releases", "policy", `{"Statement":[{"Effect":"Allow","Principal":{"Service":"x"},"Action":"s3:GetObject","Resource":"*"}]}`)},
	{"S3.6", setOne(bucketPolicyType, "logs", "policy", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"s3:PutBucketPolicy","Resource":"*"}]}`)},
	{"S3.6", setOne(bucketPolicyType, "logs", "policy", `{"Statement":{"Effect":"Allow"}}`)},
	{"S3.9", setOne(loggingType, "releases", "targetBucket", nil)},
	{"S3.12", setEach("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "rule.objectOwnership", "ObjectWriter")},
	{"S3.13", setEach("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "rules[0].status", "Disabled")},
}

var identityExamples = []counterExample{
	{"IAM.1, IAM.21", setOne(rolePolicyType, "read-release", "policy", `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)},
	{"IAM.1, IAM.21", add(ownPolicyType, "administrator", map[string]any{"policy": `{"Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]}`})},
	{"KMS.1, KMS.2", setOne(rolePolicyType, "read-release", "policy", `{"Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}`)},
	{"KMS.5", add(keyType, "open", map[string]any{"policy": `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*"}]}`})},
	{"SecretsManager.1, SecretsManager.2, SecretsManager.4", setEach(databaseType, "manageMasterUserPassword", false)},
	{"SecretsManager.1, SecretsManager.2, SecretsManager.4", add(secretType, "token", nil)},
	{"SNS.4", drop("aws:sns/topicPolicy:TopicPolicy")},
	{"SNS.4", setEach("aws:sns/topicPolicy:TopicPolicy", "policy", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}]}`)},
	{"SSM.1", func(stack *planned.Stack) {
		setInput(stack.Of(attachmentType)["session-manager"], "policyArn", "another")
	}},
	{"WAF.10, WAF.12", add(webACLType, "empty", map[string]any{"rules": []any{}})},
	{"WAF.10, WAF.12", add(webACLType, "unmeasured", map[string]any{"rules": []any{map[string]any{"visibilityConfig": map[string]any{"cloudwatchMetricsEnabled": false}}}})},
}
