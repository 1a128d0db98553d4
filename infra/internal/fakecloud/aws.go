package fakecloud

import (
	"fmt"
	"strings"
)

// Account and Region are where everything of AWS is.
const (
	Account = "123456789012"
	Region  = "eu-central-1"
)

func awsCreate(token, name string) (id string, added map[string]any) {
	kind := token[strings.LastIndex(token, ":")+1:]
	id = fmt.Sprintf("%s-%s", strings.ToLower(kind), name)
	return id, awsComputed(token, id)
}

func arn(service, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, Region, Account, rest)
}

func awsComputed(token, id string) map[string]any {
	switch token {
	case "aws:s3/bucketV2:BucketV2":
		return map[string]any{"arn": "arn:aws:s3:::" + id, "bucket": id}
	case "aws:ec2/vpc:Vpc":
		return map[string]any{"arn": arn("ec2", "vpc/"+id), "ownerId": Account, "defaultNetworkAclId": "acl-of-" + id}
	case "aws:rds/instance:Instance":
		return map[string]any{
			"arn": arn("rds", "db:"+id), "identifier": id, "resourceId": "db-ABCDEFGHIJKL01234",
			"address": id + ".abc123." + Region + ".rds.amazonaws.com",
			"masterUserSecrets": []any{map[string]any{
				"secretArn": arn("secretsmanager", "secret:rds!db-0a1b-AbCdEf"), "secretStatus": "active",
			}},
		}
	case "aws:lb/loadBalancer:LoadBalancer":
		return map[string]any{
			"arn": arn("elasticloadbalancing", "loadbalancer/app/"+id+"/1"), "arnSuffix": "app/" + id + "/1",
			"name": id, "dnsName": id + ".elb.amazonaws.com",
		}
	case "aws:lb/targetGroup:TargetGroup":
		return map[string]any{
			"arn": arn("elasticloadbalancing", "targetgroup/"+id+"/2"), "arnSuffix": "targetgroup/" + id + "/2", "name": id,
		}
	case "aws:iam/instanceProfile:InstanceProfile":
		return map[string]any{"arn": "arn:aws:iam::" + Account + ":instance-profile/" + id, "name": id}
	case "aws:autoscaling/group:Group":
		return map[string]any{"arn": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/"+id), "name": id}
	case "aws:ec2/launchTemplate:LaunchTemplate":
		return map[string]any{"latestVersion": 7, "name": id}
	case "aws:ec2/vpcEndpoint:VpcEndpoint":
		return map[string]any{"arn": arn("ec2", "vpc-endpoint/"+id), "prefixListId": "pl-" + id}
	default:
		return map[string]any{"name": id, "arn": arn("any", id)}
	}
}

func awsZones() map[string]any {
	return map[string]any{"id": Region, "names": []any{Region + "c", Region + "a", Region + "b", Region + "d"}}
}

func awsParameter(name string) map[string]any {
	architecture := name[strings.LastIndex(name, "-")+1:]
	return map[string]any{"id": name, "name": name, "value": "ami-0" + architecture}
}
