package azure

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/provider"
)

const (
	kindAccount   = "Microsoft.Storage/storageAccounts"
	kindContainer = "Microsoft.Storage/storageAccounts/blobServices/containers"
)

func storageTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeAccount: {
			Properties: accountProperties(),
			Name:       autoName("accountName", 24),
			Computed: outputs("accessTier", "accountMigrationInProgress", "blobRestoreStatus", "creationTime", "customDomain", "failoverInProgress",
				"geoReplicationStats", "isSkuConversionBlocked", "keyCreationTime", "keyPolicy", "lastGeoFailoverTime", "location", "networkRuleSet",
				"primaryEndpoints", "primaryLocation", "privateEndpointConnections", "provisioningState", "sasPolicy", "secondaryEndpoints",
				"secondaryLocation", "statusOfPrimary", "statusOfSecondary", "encryption"),
			Check: checkAccount, Compute: computeAccount, Leave: leaveAccount,
		},
		typeContainer: {
			Properties: properties{
				"resourceGroupName":           parent(),
				"accountName":                 parent(),
				"containerName":               name(3, 63, `^([a-z0-9]+(-[a-z0-9]+)*|\$root|\$web)$`, "lower-case letters, digits and single hyphens"),
				"publicAccess":                text().Or("None").OneOf("None", "Blob", "Container").OnlyHere("None", "its blobs are private"),
				"metadata":                    provider.Map(text()).NoEffect(),
				"defaultEncryptionScope":      text().NoEffect(),
				"denyEncryptionScopeOverride": flag().NoEffect(),
			},
			Name: copiedName("containerName", 63),
			Computed: outputs("deleted", "deletedTime", "etag", "hasImmutabilityPolicy", "hasLegalHold", "immutabilityPolicy", "lastModifiedTime",
				"leaseDuration", "leaseState", "leaseStatus", "legalHold", "remainingRetentionDays", "version"),
			Compute: computeContainer, Leave: leaveContainer,
		},
		typeBlob: blobType(),
	}
}

func accountProperties() properties {
	rule := func(p properties) provider.Property {
		p["action"] = text().Or("Allow").OneOf("Allow")
		return list(object(p))
	}
	return at(properties{
		"accountName":                  name(3, 24, `^[a-z0-9]+$`, "lower-case letters and digits"),
		"kind":                         text().Needed().OneOf("StorageV2", "Storage", "BlobStorage", "FileStorage", "BlockBlobStorage"),
		"sku":                          object(properties{"name": text().Needed().OneOf("Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_LRS", "Premium_ZRS")}).Needed().Makes("tier"),
		"accessTier":                   text().OneOf("Hot", "Cool", "Cold", "Premium").NoEffect(),
		"allowBlobPublicAccess":        flag().NoEffect(),
		"allowCrossTenantReplication":  flag().NoEffect(),
		"allowSharedKeyAccess":         flag().Or(true),
		"allowedCopyScope":             text().OneOf("AAD", "PrivateLink").NoEffect(),
		"defaultToOAuthAuthentication": flag().NoEffect(),
		"enableHttpsTrafficOnly":       flag().Or(true).NoEffect(), // its blobs have TLS alone
		"isHnsEnabled":                 flag().OnlyHere(false, "its blobs have no folders"),
		"isLocalUserEnabled":           flag().NoEffect(),
		"isSftpEnabled":                flag().OnlyHere(false, "its blobs are read over HTTPS"),
		"minimumTlsVersion":            text().OneOf("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3").NoEffect(),
		"publicNetworkAccess":          text().Or("Enabled").OneOf("Enabled", "Disabled", "SecuredByPerimeter").OnlyHere("Enabled", "it has no private endpoints, so no one could reach the blobs"),
		"networkRuleSet": object(properties{
			"defaultAction":       text().Needed().Or("Allow").OneOf("Allow", "Deny"),
			"bypass":              text().Or("AzureServices").Like(`^(None|(Logging|Metrics|AzureServices)(, ?(Logging|Metrics|AzureServices))*)$`, "None, or some of Logging, Metrics, AzureServices").NoEffect(),
			"ipRules":             rule(properties{"iPAddressOrRange": text().Needed().Like(`^\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?$`, "an IPv4 address or range")}),
			"virtualNetworkRules": rule(properties{"virtualNetworkResourceId": id().Needed(), "state": text().NoEffect()}),
		}),
		"encryption": object(properties{
			"keySource":                       text().Or("Microsoft.Storage").OneOf("Microsoft.Storage", "Microsoft.Keyvault").OnlyHere("Microsoft.Storage", "it has no keys of its own"),
			"requireInfrastructureEncryption": flag().Replaces(),
			"services": object(properties{
				"blob": encryptionService(), "file": encryptionService(), "queue": encryptionService(), "table": encryptionService(),
			}),
		}).NoEffect(),
		"sasPolicy": object(properties{"expirationAction": text().Or("Log").OneOf("Log", "Block"), "sasExpirationPeriod": text().Needed()}).NoEffect(),
		"keyPolicy": object(properties{"keyExpirationPeriodInDays": integer().Needed().AtLeast(1)}).NoEffect(),
	})
}

func encryptionService() provider.Property {
	return object(properties{"enabled": flag(), "keyType": text().OneOf("Service", "Account")})
}

func checkAccount(in provider.Inputs) failures {
	kind := in.Text("kind")
	if (kind == "BlobStorage" || kind == "StorageV2") && in.Text("accessTier") == "Premium" {
		return refuse("accessTier", "is \"Premium\", which is for BlockBlobStorage alone")
	}
	return nil
}

func computeAccount(req request) (result, error) {
	in := req.Inputs
	accountName := in.Text("accountName")
	if err := unchanged(req, "PropertyImmutable", "kind"); err != nil {
		return result{}, err
	}
	for _, rule := range in.Object("networkRuleSet").Objects("virtualNetworkRules") {
		subnet, ok := subnetOf(req.World.Resources(), rule.Text("virtualNetworkResourceId"))
		if !ok {
			return result{}, missing(req, rule.Text("virtualNetworkResourceId"))
		}
		if !hasEndpoint(subnet, endpointStorage) {
			return result{}, fmt.Errorf("NetworkAclsValidationFailure: Subnet %s does not have ServiceEndpoints for Microsoft.Storage resources. Add Microsoft.Storage to subnet's ServiceEndpoints collection before trying to ACL Microsoft.Storage resources to it", subnet.Text("id"))
		}
	}
	id, err := inGroup(req, kindAccount, accountName)
	if err != nil {
		return result{}, err
	}
	made := accountOutputs(in)
	made["primaryLocation"] = locationOf(req)
	return regional(req, id, kindAccount, accountName, made)
}

// accountOutputs is what the cloud makes up where the program gives none.
func accountOutputs(in provider.Inputs) map[string]any {
	accountName := in.Text("accountName")
	endpoints := map[string]any{}
	for _, service := range []string{"blob", "file", "queue", "table", "web", "dfs"} {
		endpoints[service] = fmt.Sprintf("https://%s.%s.core.windows.net/", accountName, service)
	}
	out := map[string]any{
		"primaryEndpoints": endpoints, "secondaryEndpoints": map[string]any{}, "secondaryLocation": "", "provisioningState": "Succeeded",
		"statusOfPrimary": "available", "statusOfSecondary": "", "creationTime": "", "lastGeoFailoverTime": "", "accountMigrationInProgress": false,
		"failoverInProgress": false, "isSkuConversionBlocked": false, "privateEndpointConnections": []any{}, "blobRestoreStatus": map[string]any{},
		"customDomain": map[string]any{}, "geoReplicationStats": map[string]any{}, "keyCreationTime": map[string]any{},
		"sku": map[string]any{"name": in.Object("sku").Text("name"), "tier": skuTier(in.Object("sku").Text("name"))},
	}
	for name, value := range map[string]any{
		"accessTier": "Hot", "keyPolicy": map[string]any{}, "sasPolicy": map[string]any{},
		"encryption":     map[string]any{"keySource": "Microsoft.Storage"},
		"networkRuleSet": map[string]any{"defaultAction": "Allow", "bypass": "AzureServices", "ipRules": []any{}, "virtualNetworkRules": []any{}},
	} {
		if !in.Has(name) {
			out[name] = value
		}
	}
	return out
}

// leaveAccount lets go of an account with what is in it, as the cloud does:
// containers and blobs that the engine knows go before it.
func leaveAccount(req request) error {
	for _, r := range req.World.Resources() {
		if r.ID != req.Prev.ID && Within(r.ID, req.Prev.ID) && r.Type != typeRoleAssignment {
			return fmt.Errorf("storage account %s still holds %s: localcloud deletes nothing that the engine has not named", outs(*req.Prev).Text("name"), r.ID)
		}
	}
	return nil
}

func computeContainer(req request) (result, error) {
	in := req.Inputs
	account, ok := sibling(req, typeAccount, kindAccount, in.Text("accountName"))
	if !ok {
		return result{}, fmt.Errorf("ResourceNotFound: The Resource '%s/%s' was not found", kindAccount, in.Text("accountName"))
	}
	id, err := inside(req, account.ID, "blobServices/default/containers", in.Text("containerName"))
	if err != nil {
		return result{}, err
	}
	return answer(id, kindContainer, in.Text("containerName"), map[string]any{
		"deleted": false, "deletedTime": "", "etag": kept(req, "etag", etag), "hasImmutabilityPolicy": false, "hasLegalHold": false,
		"immutabilityPolicy": map[string]any{}, "lastModifiedTime": "", "leaseDuration": "", "leaseState": "Available", "leaseStatus": "Unlocked",
		"legalHold": map[string]any{}, "remainingRetentionDays": 0.0, "version": "",
	}), nil
}

// leaveContainer lets go of a container with what instances have put there, as
// the cloud does.
func leaveContainer(req request) error {
	return req.World.Uploads().Remove(segment(req.Prev.ID, "storageAccounts") + "/" + outs(*req.Prev).Text("name"))
}

// skuTier is the first part of an account's sku: Standard or Premium.
func skuTier(sku string) string {
	tier, _, _ := strings.Cut(sku, "_")
	return tier
}
