package aws

import "orchard/localcloud/internal/provider"

// config is what the provider resource accepts: where, and the settings that
// a program gives so that no credentials are needed.
func config() properties {
	return properties{
		"region":                    text().Needed().Replaces().Like(`^[a-z]{2}(-[a-z]+)+-\d$`, "a region such as eu-central-1"),
		"defaultTags":               provider.Object(properties{"tags": provider.Map(text())}),
		"accessKey":                 text().NoEffect().Hidden(),
		"secretKey":                 text().NoEffect().Hidden(),
		"token":                     text().NoEffect().Hidden(),
		"profile":                   text().NoEffect(),
		"allowedAccountIds":         texts().NoEffect(),
		"maxRetries":                integer().NoEffect(),
		"retryMode":                 text().NoEffect(),
		"sharedConfigFiles":         texts().NoEffect(),
		"sharedCredentialsFiles":    texts().NoEffect(),
		"s3UsePathStyle":            flag().NoEffect(),
		"skipCredentialsValidation": flag().NoEffect(),
		"skipMetadataApiCheck":      flag().NoEffect(),
		"skipRegionValidation":      flag().NoEffect(),
		"skipRequestingAccountId":   flag().NoEffect(),
		"stsRegion":                 text().NoEffect(),
	}
}

func defaultTags(config provider.Inputs) map[string]any {
	return config.Object("defaultTags").Object("tags")
}
