package scorecard

import (
	"orchard/infra/internal/planned"
)

// azureStore is the storage accounts.
func azureStore() []Row {
	return []Row{
		{
			ID: "ST.1", Setting: "HTTPS alone, with TLS 1.2 at least (policies 404c3081, fe83a0eb)",
			Check: every(armAccount, is("enableHttpsTrafficOnly", true), is("minimumTlsVersion", "TLS1_2", "TLS1_3")),
		},
		{
			ID: "ST.2", Setting: "no blob is public (policy 4fa4b6c0)",
			Check: every(armAccount, is("allowBlobPublicAccess", false)),
		},
		{
			ID: "ST.3", Setting: "nobody signs in with the account's keys (policy 8c6a50c6)",
			Check: every(armAccount, is("allowSharedKeyAccess", false)),
			Waiver: "The provider uploads the release with the account's key and knows no other way; " +
				"the keys are in no output, and the account's networks are closed.",
		},
		{
			ID: "ST.4", Setting: "networks are refused but for named ones, and nothing is copied to other tenants (policies 34c877ad, b2982f36, 92a89a79)",
			Check: every(armAccount, closedNetworks, is("allowCrossTenantReplication", false)),
		},
	}
}

func closedNetworks(stack planned.Stack, r item) string {
	if input(r, "publicNetworkAccess") == "Disabled" {
		return ""
	}
	return is("networkRuleSet.defaultAction", "Deny")(stack, r)
}

func isSet(path string) judge {
	return func(_ planned.Stack, r item) string {
		if input(r, path) == nil {
			return path + " is not set"
		}
		return ""
	}
}
