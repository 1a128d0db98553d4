package azurestack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/settings"
)

// found is what the configuration left open and the cloud answered.
type found struct {
	zones                []zone
	image                image
	tenant, subscription string
}

// zone is one availability zone: its number in the location, and its name
// everywhere else.
type zone struct{ number, name string }

// image names a marketplace image.
type image struct{ publisher, offer, sku, version string }

// invoke lets a look-up use the stack's provider. Provider options are both.
func (s scope) invoke() pulumi.InvokeOption { return s.on.(pulumi.InvokeOption) }

func lookUp(s scope, set settings.Settings) (found, error) {
	client, err := authorization.GetClientConfig(s.Context, s.invoke())
	if err != nil {
		return found{}, fmt.Errorf("look up subscription: %w", err)
	}
	img, err := findImage(set)
	if err != nil {
		return found{}, err
	}
	return found{findZones(set), img, client.TenantId, client.SubscriptionId}, nil
}

// findZones gives three zones in the order of their numbers. A location with
// zones has the numbers 1 to 3 for every subscription, so nothing is asked.
func findZones(set settings.Settings) []zone {
	numbers := set.Zones
	if len(numbers) == 0 {
		numbers = settings.AzureZones
	}
	var zones []zone
	for _, number := range slices.Sorted(slices.Values(numbers)) {
		zones = append(zones, zone{number, set.Region + "-" + number})
	}
	return zones
}

// images hold Ubuntu 24.04 for each architecture, the newest at the time that
// an instance is made.
var images = map[settings.Architecture]string{
	settings.ARM64: "Canonical:ubuntu-24_04-lts:server-arm64:latest",
	settings.X8664: "Canonical:ubuntu-24_04-lts:server:latest",
}

// findImage reads the image's name. The cloud resolves "latest" itself.
func findImage(set settings.Settings) (image, error) {
	name := set.Fleet.Image
	if name == "" {
		name = images[set.Architecture]
	}
	fields := strings.Split(name, ":")
	if len(fields) != 4 {
		return image{}, fmt.Errorf("read image %q: it is not PUBLISHER:OFFER:SKU:VERSION", name)
	}
	return image{fields[0], fields[1], fields[2], fields[3]}, nil
}
