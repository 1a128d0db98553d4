package awsstack

// breakStack are the permissions that the actions of package faults need.
// Where EC2 can hold an action to a tag it does; what it cannot name before
// the experiment (network ACLs that the service makes) is held to the tag
// that the service puts on them.
func breakStack(stack, server string) []statement {
	ofStack := map[string]map[string]string{"StringEquals": {
		"aws:ResourceTag/Project": "orchard", "aws:ResourceTag/Stack": stack,
	}}
	return append([]statement{
		{Effect: "Allow", Action: []string{
			"autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances", "ec2:DescribeManagedPrefixLists", "ec2:DescribeNetworkAcls",
			"ec2:DescribeSubnets", "ec2:DescribeVpcs", "rds:DescribeDBInstances", "tag:GetResources",
		}, Resource: []string{"*"}}, // what only reads takes no resource
		{Effect: "Allow", Action: []string{
			"ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances",
		}, Resource: []string{"arn:aws:ec2:*:*:instance/*"}, Condition: ofStack},
		{Effect: "Allow", Action: []string{"ec2:InjectApiError"}, Resource: []string{"*"}, Condition: map[string]map[string]string{
			"StringEquals": {"ec2:FisActionId": "aws:ec2:asg-insufficient-instance-capacity-error"},
		}},
		{Effect: "Allow", Action: []string{"rds:RebootDBInstance"}, Resource: []string{server}},
	}, disconnectSubnets(ofStack)...)
}

// disconnectSubnets lets the service put a network ACL of its own in front of
// the stack's subnets for a while.
func disconnectSubnets(ofStack map[string]map[string]string) []statement {
	const acls = "arn:aws:ec2:*:*:network-acl/*"
	made := func(key string) map[string]map[string]string {
		return map[string]map[string]string{"StringEquals": {key: "true"}}
	}
	return []statement{
		{Effect: "Allow", Action: []string{"ec2:CreateNetworkAcl"}, Resource: []string{acls}, Condition: made("aws:RequestTag/managedByFIS")},
		{Effect: "Allow", Action: []string{"ec2:CreateNetworkAcl"}, Resource: []string{"arn:aws:ec2:*:*:vpc/*"}, Condition: ofStack},
		{Effect: "Allow", Action: []string{"ec2:CreateTags"}, Resource: []string{acls}, Condition: map[string]map[string]string{
			"StringEquals": {"ec2:CreateAction": "CreateNetworkAcl", "aws:RequestTag/managedByFIS": "true"},
		}},
		{Effect: "Allow", Action: []string{
			"ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAcl",
		}, Resource: []string{acls}, Condition: made("aws:ResourceTag/managedByFIS")},
		{Effect: "Allow", Action: []string{"ec2:ReplaceNetworkAclAssociation"}, Resource: []string{"arn:aws:ec2:*:*:subnet/*"}, Condition: ofStack},
		// The association goes back to the network's own list.
		{Effect: "Allow", Action: []string{"ec2:ReplaceNetworkAclAssociation"}, Resource: []string{acls}},
	}
}
