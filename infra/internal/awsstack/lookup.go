package awsstack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// found is what the configuration left open and the cloud answered.
type found struct {
	zones []string
	image string
}

// invoke lets a look-up use the stack's provider. Provider options are both.
func (s scope) invoke() pulumi.InvokeOption { return s.on.(pulumi.InvokeOption) }

func lookUp(s scope, set settings.Settings) (found, error) {
	zones, err := findZones(s, set)
	if err != nil {
		return found{}, err
	}
	image, err := findImage(s, set)
	if err != nil {
		return found{}, err
	}
	return found{zones, image}, nil
}

// findZones gives three zones in the order of their names.
func findZones(s scope, set settings.Settings) ([]string, error) {
	if len(set.Zones) > 0 {
		return slices.Sorted(slices.Values(set.Zones)), nil
	}
	answer, err := aws.GetAvailabilityZones(s.Context, &aws.GetAvailabilityZonesArgs{
		State:   pulumi.StringRef("available"),
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, s.invoke())
	if err != nil {
		return nil, fmt.Errorf("look up zones of %s: %w", set.Region, err)
	}
	zones := slices.Sorted(slices.Values(answer.Names))
	if len(zones) < settings.Zones {
		return nil, fmt.Errorf("look up zones: region %s has %d, and %d are needed; choose another orchard:region", set.Region, len(zones), settings.Zones)
	}
	return zones[:settings.Zones], nil
}

// imageParameters are the public parameters that hold the newest image.
var imageParameters = map[settings.Architecture]string{
	settings.ARM64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
	settings.X8664: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
}

// findImage resolves the image now. A launch template that resolves it at
// launch would change without a difference that a preview could show.
func findImage(s scope, set settings.Settings) (string, error) {
	if set.Fleet.Image != "" {
		return set.Fleet.Image, nil
	}
	answer, err := ssm.LookupParameter(s.Context, &ssm.LookupParameterArgs{Name: imageParameters[set.Architecture]}, s.invoke())
	if err != nil {
		return "", fmt.Errorf("look up image for %s: %w", set.Architecture, err)
	}
	return answer.Value, nil
}
