package azure

import (
	"cmp"
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

// The subscription, tenant and caller where the provider's configuration
// names none.
const (
	Subscription = "00000000-0000-4000-8000-000000000001"
	Tenant       = "00000000-0000-4000-8000-000000000002"
	caller       = "00000000-0000-4000-8000-000000000003"
)

const (
	likeGUID   = `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`
	sayingGUID = "a GUID such as 00000000-0000-4000-8000-000000000001"
)

// Zones are the three zones of a location, in the order in which they number
// the world's addresses.
func Zones(location string) []string {
	return []string{zone(location, "1"), zone(location, "2"), zone(location, "3")}
}

// zone is the world's name of a zone that is "1", "2" or "3" in its location.
func zone(location, number string) string { return location + "-" + number }

// placeName is a location as the Resource Manager writes it: "Germany West
// Central" is germanywestcentral.
func placeName(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

func subscription(req request) string { return cmp.Or(req.Config.Text("subscriptionId"), Subscription) }

func tenant(req request) string { return cmp.Or(req.Config.Text("tenantId"), Tenant) }

// locationOf is a resource's location: its own, the provider's, that of the
// resource group, in this order. It stays once it is chosen.
func locationOf(req request) string {
	own := cmp.Or(req.Inputs.Text("location"), recorded(req, "location"), req.Config.Text("location"))
	if own == "" {
		if group, ok := findGroup(req.World, req.Inputs.Text("resourceGroupName")); ok {
			own = outs(group).Text("location")
		}
	}
	return placeName(own)
}

// guid is made of a text: the same text gives the same one.
func guid(text string) string {
	h := provider.Digest(text)
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:32])
}

// recorded is an output on record.
func recorded(req request, output string) string {
	if req.Prev == nil {
		return ""
	}
	return outs(*req.Prev).Text(output)
}

// kept is an output that the cloud makes up once.
func kept(req request, output string, fresh func() string) string {
	return cmp.Or(recorded(req, output), fresh())
}

// refuse is one failure of a rule between properties.
func refuse(property, format string, args ...any) failures {
	return failures{provider.Failure{Property: property, Reason: fmt.Sprintf(format, args...)}}
}
