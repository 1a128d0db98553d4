package aws

import (
	"maps"

	"orchard/localcloud/internal/provider"
)

// Version is that of the SDK whose programs the table serves.
const Version = "6.83.0"

// The type tokens.
const (
	typeVpc                   = "aws:ec2/vpc:Vpc"
	typeDefaultSecurityGroup  = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	typeInternetGateway       = "aws:ec2/internetGateway:InternetGateway"
	typeSubnet                = "aws:ec2/subnet:Subnet"
	typeEip                   = "aws:ec2/eip:Eip"
	typeNatGateway            = "aws:ec2/natGateway:NatGateway"
	typeRouteTable            = "aws:ec2/routeTable:RouteTable"
	typeRoute                 = "aws:ec2/route:Route"
	typeAssociation           = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	typeVpcEndpoint           = "aws:ec2/vpcEndpoint:VpcEndpoint"
	typeSecurityGroup         = "aws:ec2/securityGroup:SecurityGroup"
	typeIngressRule           = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeEgressRule            = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	typeNetworkAcl            = "aws:ec2/networkAcl:NetworkAcl"
	typeDefaultNetworkAcl     = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	typeNetworkAclRule        = "aws:ec2/networkAclRule:NetworkAclRule"
	typeNetworkAclAssociation = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
	typeBucket                = "aws:s3/bucketV2:BucketV2"
	typePublicAccessBlock     = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	typeOwnershipControls     = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	typeBucketEncryption      = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	typeBucketVersioning      = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	typeBucketPolicy          = "aws:s3/bucketPolicy:BucketPolicy"
	typeBucketObject          = "aws:s3/bucketObjectv2:BucketObjectv2"
	typeSubnetGroup           = "aws:rds/subnetGroup:SubnetGroup"
	typeParameterGroup        = "aws:rds/parameterGroup:ParameterGroup"
	typeDatabase              = "aws:rds/instance:Instance"
	typeRole                  = "aws:iam/role:Role"
	typeRolePolicy            = "aws:iam/rolePolicy:RolePolicy"
	typeAttachment            = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	typeInstanceProfile       = "aws:iam/instanceProfile:InstanceProfile"
	typeLoadBalancer          = "aws:lb/loadBalancer:LoadBalancer"
	typeTargetGroup           = "aws:lb/targetGroup:TargetGroup"
	typeListener              = "aws:lb/listener:Listener"
	typeLaunchTemplate        = "aws:ec2/launchTemplate:LaunchTemplate"
	typeGroup                 = "aws:autoscaling/group:Group"
	typePolicy                = "aws:autoscaling/policy:Policy"
	typeBucketLogging         = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	typeBucketLifecycle       = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	typeFlowLog               = "aws:ec2/flowLog:FlowLog"
	typeEventSubscription     = "aws:rds/eventSubscription:EventSubscription"
	typeLogGroup              = "aws:cloudwatch/logGroup:LogGroup"
	typeMetricAlarm           = "aws:cloudwatch/metricAlarm:MetricAlarm"
	typeDashboard             = "aws:cloudwatch/dashboard:Dashboard"
	typeTopic                 = "aws:sns/topic:Topic"
	typeTopicPolicy           = "aws:sns/topicPolicy:TopicPolicy"
	typeKey                   = "aws:kms/key:Key"
	typeExperimentTemplate    = "aws:fis/experimentTemplate:ExperimentTemplate"
)

// Table is what the provider's server answers from.
func Table() provider.Table {
	types := map[string]provider.Type{}
	for _, part := range []map[string]provider.Type{
		networkTypes(), routeTypes(), securityTypes(), aclTypes(), bucketTypes(), databaseTypes(), identityTypes(),
		balancerTypes(), templateTypes(), groupTypes(), logTypes(),
		alarmTypes(), dashboardTypes(), topicTypes(), faultTypes(),
	} {
		maps.Copy(types, part)
	}
	return provider.Table{
		Name: "aws", Version: Version, Config: config(), Types: types, Invokes: invokes(), DefaultTags: defaultTags,
	}
}

// The shorthand in which the tables are written.
type (
	properties = map[string]provider.Property
	request    = provider.Request
	result     = provider.Result
	failures   = []provider.Failure
)

func text() provider.Property    { return provider.String() }
func flag() provider.Property    { return provider.Bool() }
func integer() provider.Property { return provider.Int() }
func texts() provider.Property   { return provider.Set(text()) }

// tags are the tags of every resource that has any; the server merges the
// provider's default tags into them.
func tags() provider.Property {
	return provider.Map(text().Length(0, 256)).Length(0, 50).NoEffect()
}

// name is a name that the program may give and Pulumi's provider makes up
// otherwise.
func name(max int, pattern, saying string) provider.Property {
	return text().Replaces().Length(1, max).Like(pattern, saying)
}

func autoName(property string, max int) *provider.AutoName {
	return &provider.AutoName{Property: property, Separator: "-", Random: 7, Max: max}
}

func lowerName(property string, max int) *provider.AutoName {
	return &provider.AutoName{Property: property, Separator: "-", Random: 7, Max: max, Lower: true}
}

// tagsMove is Moves of a type whose only moving output is tagsAll.
func tagsMove() map[string][]string { return map[string][]string{"tagsAll": {"tags"}} }
