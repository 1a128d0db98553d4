package azure

import "orchard/localcloud/internal/provider"

func invokes() map[string]provider.Invoke {
	return map[string]provider.Invoke{
		"azure-native:authorization:getClientConfig": {Properties: properties{}, Answer: clientConfig},
	}
}

// clientConfig says as whom the provider works: the same at every call.
func clientConfig(req request) (map[string]any, error) {
	return map[string]any{
		"clientId": caller, "objectId": caller, "subscriptionId": subscription(req), "tenantId": tenant(req),
	}, nil
}
