package cost

import (
	"encoding/json"
	"fmt"

	"orchard/infra/internal/fakecloud"
	"orchard/infra/internal/planned"
)

// meters are of the types whose price depends on their inputs.
var meters = map[string]meter{
	"aws:autoscaling/group:Group":                 readGroup,
	"aws:ec2/vpcEndpoint:VpcEndpoint":             readEndpoint,
	"aws:lb/loadBalancer:LoadBalancer":            readBalancer,
	"aws:rds/instance:Instance":                   readDatabase,
	"aws:wafv2/webAcl:WebAcl":                     readWebACL,
	"azure-native:compute:VirtualMachineScaleSet": readScaleSet,
	"azure-native:dbforpostgresql:Server":         readServer,
	"azure-native:network:LoadBalancer":           readRules,
	"azure-native:network:PublicIPAddress":        readAddress,
}

// read decodes the inputs that count.
func read[T any](resource fakecloud.Resource) (T, error) {
	var inputs T
	text, err := json.Marshal(resource.Plain())
	if err == nil {
		err = json.Unmarshal(text, &inputs)
	}
	if err != nil {
		return inputs, fmt.Errorf("read %s %s: %w", resource.Type, resource.Name, err)
	}
	return inputs, nil
}

// oneZone is one zone's share of the instances of all groups of a type, whose
// zones, or one subnet in each, the function gives.
func oneZone[T any](stack planned.Stack, token string, zones func(T) []string) float64 {
	found := map[string]bool{}
	for _, each := range stack.Of(token) {
		if group, err := read[T](each); err == nil {
			for _, zone := range zones(group) {
				found[zone] = true
			}
		}
	}
	return 1 / float64(max(len(found), 1))
}
