package azure

// config is what the provider resource accepts: where and as whom, and the
// settings of credentials, which are not used.
func config() properties {
	return properties{
		"location":                  text().Same(placeName),
		"subscriptionId":            text().Replaces().Like(likeGUID, sayingGUID),
		"tenantId":                  text().Replaces().Like(likeGUID, sayingGUID),
		"clientId":                  text().NoEffect(),
		"clientSecret":              text().NoEffect().Hidden(),
		"clientCertificatePath":     text().NoEffect(),
		"clientCertificatePassword": text().NoEffect().Hidden(),
		"auxiliaryTenantIds":        texts().NoEffect(),
		"environment":               text().OneOf("public").NoEffect(),
		"metadataHost":              text().NoEffect(),
		"msiEndpoint":               text().NoEffect(),
		"partnerId":                 text().NoEffect(),
		"disablePulumiPartnerId":    flag().NoEffect(),
		"useMsi":                    flag().NoEffect(),
		"useOidc":                   flag().NoEffect(),
		"useDefaultAzureCredential": flag().NoEffect(),
		"oidcAudience":              text().NoEffect(),
		"oidcRequestToken":          text().NoEffect().Hidden(),
		"oidcRequestUrl":            text().NoEffect(),
		"oidcToken":                 text().NoEffect().Hidden(),
		"oidcTokenFilePath":         text().NoEffect(),
	}
}
