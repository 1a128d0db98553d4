// Package fakeaws answers like the cloud, for the tests of this module: the
// look-ups, and what the cloud adds to a resource that the program reads.
//
// It only makes things up from a resource's name. It keeps no state, checks
// nothing and runs nothing.
package fakeaws

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Account and Region are where everything is.
const (
	Account = "123456789012"
	Region  = "eu-central-1"
)

// Create gives the id and the outputs of a new resource: its inputs and what
// the cloud computes.
func Create(token, name string, inputs resource.PropertyMap) (id string, outputs resource.PropertyMap) {
	kind := token[strings.LastIndex(token, ":")+1:]
	id = fmt.Sprintf("%s-%s", strings.ToLower(kind), name)
	outputs = maps.Clone(inputs)
	if outputs == nil {
		outputs = resource.PropertyMap{}
	}
	for key, value := range computed(token, name, id) {
		outputs[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
	}
	return id, outputs
}

func arn(service, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, Region, Account, rest)
}

func computed(token, name, id string) map[string]any {
	switch token {
	case "aws:s3/bucketV2:BucketV2":
		return map[string]any{"arn": "arn:aws:s3:::" + id, "bucket": id}
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
	case "aws:ec2/launchTemplate:LaunchTemplate":
		return map[string]any{"latestVersion": 7, "name": id}
	default:
		return map[string]any{"name": id, "arn": arn("any", id)}
	}
}

// Invoke answers the program's look-ups; an unknown one is an error.
func Invoke(token string, args resource.PropertyMap) (resource.PropertyMap, error) {
	switch token {
	case "aws:index/getAvailabilityZones:getAvailabilityZones":
		zones := []any{Region + "c", Region + "a", Region + "b", Region + "d"}
		return resource.NewPropertyMapFromMap(map[string]any{"id": Region, "names": zones}), nil
	case "aws:ssm/getParameter:getParameter":
		parameter := args["name"].StringValue()
		architecture := parameter[strings.LastIndex(parameter, "-")+1:]
		return resource.NewPropertyMapFromMap(map[string]any{"id": parameter, "name": parameter, "value": "ami-0" + architecture}), nil
	default:
		return nil, fmt.Errorf("no answer for %s", token)
	}
}

// Release is the smallest file that counts as a program for arm64 (elf(5)).
func Release() []byte {
	const header, executable, arm64 = 64, 2, 183
	file := make([]byte, header)
	copy(file, "\x7fELF\x02\x01\x01")
	file[16], file[18], file[20], file[52] = executable, arm64, 1, header
	return file
}
