// Package fakecloud answers like the clouds, for tests and plans without an
// account: the look-ups, and what a cloud adds to a resource that the program
// reads.
//
// It only makes things up from a resource's name. It keeps no state, checks
// nothing and runs nothing.
package fakecloud

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Create gives the id and the outputs of a new resource: its inputs and what
// the cloud computes.
func Create(token, name string, inputs resource.PropertyMap) (id string, outputs resource.PropertyMap) {
	id, added := awsCreate(token, name)
	if token == stackReference {
		id, added = readStack(inputs)
	}
	if strings.HasPrefix(token, "azure-native:") {
		id, added = azureCreate(token, name, inputs)
	}
	outputs = maps.Clone(inputs)
	if outputs == nil {
		outputs = resource.PropertyMap{}
	}
	for key, value := range added {
		if _, given := inputs["name"]; given && key == "name" {
			continue // a name is made up where none is given
		}
		outputs[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
	}
	return id, outputs
}

// stackReference reads another stack, which Pulumi itself answers.
const stackReference = "pulumi:pulumi:StackReference"

// ServiceURL is where the service of every other stack answers.
const ServiceURL = "http://fruit.example.org:8080"

func readStack(inputs resource.PropertyMap) (id string, outputs map[string]any) {
	return text(inputs, "name", "?"), map[string]any{
		"outputs": map[string]any{"url": ServiceURL}, "secretOutputNames": []any{},
	}
}

// Invoke answers the program's look-ups; an unknown one is an error.
func Invoke(token string, args resource.PropertyMap) (resource.PropertyMap, error) {
	var answer map[string]any
	switch token {
	case "aws:index/getAvailabilityZones:getAvailabilityZones":
		answer = awsZones()
	case "aws:ssm/getParameter:getParameter":
		answer = awsParameter(args["name"].StringValue())
	case "azure-native:authorization:getClientConfig":
		answer = azureClient()
	default:
		return nil, fmt.Errorf("no answer for %s", token)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// Release is the smallest file that counts as a program for an architecture,
// x86_64 or else arm64 (elf(5)).
func Release(architecture string) []byte {
	const header, executable, x8664, arm64 = 64, 2, 62, 183
	file := make([]byte, header)
	copy(file, "\x7fELF\x02\x01\x01")
	file[16], file[18], file[20], file[52] = executable, arm64, 1, header
	if architecture == "x86_64" {
		file[18] = x8664
	}
	return file
}
