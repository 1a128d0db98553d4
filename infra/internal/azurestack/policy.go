package azurestack

import "fmt"

// A role says what its holder may do; where, an assignment's scope says.
//
// storageBlobDataReader and keyVaultSecretsUser are Azure's own roles that may
// read blobs and the values of secrets.
const (
	storageBlobDataReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
	keyVaultSecretsUser   = "4633458b-17de-408a-b874-0445c86b69e6"
)

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
