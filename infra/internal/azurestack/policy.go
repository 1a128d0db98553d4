package azurestack

// A role says what its holder may do; where, an assignment's scope says.
//
// storageBlobDataReader is Azure's own role that may read blobs.
const storageBlobDataReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"

// roleDefinition is the id of one of Azure's own roles in a subscription.
func roleDefinition(subscription, role string) string {
	return "/subscriptions/" + subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + role
}
