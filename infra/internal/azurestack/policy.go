package azurestack

import "fmt"

// A role says what its holder may do; where, an assignment's scope says.
//
// storageBlobDataReader is Azure's own role that may read blobs.
const storageBlobDataReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"

// roleDefinition is the id of one of Azure's own roles in a subscription.
func roleDefinition(subscription, role string) string {
	return "/subscriptions/" + subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + role
}

// stableGUID makes a GUID (version 8, RFC 9562) of a few values. A role
// assignment is named by one, and must keep it.
func stableGUID(values ...string) string {
	d := []byte(digestOf(values...))
	d[12], d[16] = '8', 'a'
	return fmt.Sprintf("%s-%s-%s-%s-%s", d[:8], d[8:12], d[12:16], d[16:20], d[20:32])
}
