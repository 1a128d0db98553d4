package aws

import (
	"fmt"
	"slices"
	"strings"

	"orchard/localcloud/internal/provider"
)

func databaseType() provider.Type {
	return provider.Type{
		Properties: databaseProperties(),
		Name:       lowerName("identifier", 63),
		Computed: []string{
			"address", "arn", "endpoint", "engineVersionActual", "hostedZoneId", "latestRestorableTime",
			"listenerEndpoints", "masterUserSecrets", "replicas", "resourceId", "status", "tagsAll",
			"availabilityZone", "backupWindow", "caCertIdentifier", "kmsKeyId", "licenseModel", "maintenanceWindow",
			"monitoringRoleArn", "networkType", "optionGroupName", "parameterGroupName", "performanceInsightsKmsKeyId",
		},
		Moves: map[string][]string{
			"tagsAll": {"tags"}, "arn": {"identifier"}, "endpoint": {"port"}, "engineVersionActual": {"engineVersion"},
			"masterUserSecrets": {"manageMasterUserPassword"}, "status": {},
		},
		Check: checkDatabase, Compute: computeDatabase, Leave: leaveDatabase,
	}
}

func databaseProperties() properties {
	p := properties{
		"identifier":                       text().Length(1, 63).Like(likeLowerName, sayingLowerName),
		"engine":                           text().Needed().Replaces().OnlyHere("postgres", "it runs PostgreSQL"),
		"engineVersion":                    text().Needed().Like(`^\d+(\.\d+)?$`, "a version such as 15 or 15.13"),
		"instanceClass":                    text().Needed().Like(`^db\.[a-z0-9-]+\.[a-z0-9]+$`, "a class such as db.t4g.micro"),
		"dbName":                           text().Replaces().Length(1, 63).Like(`^[a-zA-Z][a-zA-Z0-9_]*$`, "letters, digits and underscores, a letter first"),
		"username":                         text().Needed().Replaces().Length(1, 63).Like(`^[a-zA-Z][a-zA-Z0-9_]*$`, "letters, digits and underscores, a letter first"),
		"password":                         text().Hidden().Length(8, 128).Not("manageMasterUserPassword"),
		"manageMasterUserPassword":         flag(),
		"iamDatabaseAuthenticationEnabled": flag().Or(false),
		"port":                             integer().Or(5432.0).Between(1150, 65535),
		"multiAz":                          flag().Or(false),
		"availabilityZone":                 text().Replaces(),
		"dbSubnetGroupName":                text().Needed(),
		"parameterGroupName":               text(),
		"vpcSecurityGroupIds":              texts(),
		"publiclyAccessible":               flag().Or(false).OnlyHere(false, "its endpoints are on loopback"),
		"deletionProtection":               flag().Or(false),
		"skipFinalSnapshot":                flag().Or(false),
		"finalSnapshotIdentifier":          text().Like(`^[A-Za-z][0-9A-Za-z]*(-[0-9A-Za-z]+)*$`, "letters, digits and single hyphens, a letter first"),
		"tags":                             tags(),
	}
	for n, property := range inertDatabaseProperties() {
		p[n] = property.NoEffect()
	}
	return p
}

// inertDatabaseProperties are about storage, backups, maintenance and
// monitoring, which localcloud has none of.
func inertDatabaseProperties() properties {
	return properties{
		"allocatedStorage":                   integer().Needed().AtLeast(20),
		"maxAllocatedStorage":                integer().AtLeast(0),
		"storageType":                        text().OneOf("standard", "gp2", "gp3", "io1", "io2").Or("gp2"),
		"storageEncrypted":                   flag().Or(false).Replaces(),
		"storageThroughput":                  integer().Or(0.0),
		"iops":                               integer().Or(0.0),
		"kmsKeyId":                           text().Replaces(),
		"masterUserSecretKmsKeyId":           text(),
		"backupRetentionPeriod":              integer().Or(0.0).Between(0, 35),
		"backupWindow":                       text().Like(`^\d{2}:\d{2}-\d{2}:\d{2}$`, "a window such as 03:00-03:30"),
		"maintenanceWindow":                  text().Like(`(?i)^[a-z]{3}:\d{2}:\d{2}-[a-z]{3}:\d{2}:\d{2}$`, "a window such as sun:04:00-sun:04:30"),
		"copyTagsToSnapshot":                 flag().Or(false),
		"deleteAutomatedBackups":             flag().Or(true),
		"applyImmediately":                   flag(),
		"autoMinorVersionUpgrade":            flag().Or(true),
		"allowMajorVersionUpgrade":           flag(),
		"caCertIdentifier":                   text().OneOf("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"),
		"enabledCloudwatchLogsExports":       provider.Set(text().OneOf("postgresql", "upgrade", "iam-db-auth-error")),
		"monitoringInterval":                 integer().Or(0.0).OneOf(0, 1, 5, 10, 15, 30, 60),
		"monitoringRoleArn":                  text(),
		"performanceInsightsEnabled":         flag().Or(false),
		"performanceInsightsKmsKeyId":        text(),
		"performanceInsightsRetentionPeriod": integer(),
		"databaseInsightsMode":               text().OneOf("standard", "advanced").Or("standard"),
		"engineLifecycleSupport":             text().OneOf("open-source-rds-extended-support", "open-source-rds-extended-support-disabled").Or("open-source-rds-extended-support"),
		"networkType":                        text().OneOf("IPV4"),
		"licenseModel":                       text(),
		"optionGroupName":                    text(),
	}
}

func checkDatabase(in provider.Inputs) failures {
	if !in.Flag("manageMasterUserPassword") && !in.Has("password") && in.Known("manageMasterUserPassword") == in.Has("manageMasterUserPassword") {
		return refuse("manageMasterUserPassword", "a database needs manageMasterUserPassword or a password")
	}
	if user := in.Text("username"); slices.Contains([]string{"rdsadmin", "admin", "rds_superuser", "rds_iam"}, strings.ToLower(user)) {
		return refuse("username", "is %q, which is a reserved word of this engine", user)
	}
	if in.Known("instanceClass") && classMemory(in.Text("instanceClass")) == 0 {
		return refuse("instanceClass", "localcloud does not know how much memory %s has", in.Text("instanceClass"))
	}
	if in.Known("engineVersion") && latestMinor[majorOf(in.Text("engineVersion"))] == "" {
		return refuse("engineVersion", "localcloud knows the major versions 13 to 18, not %s", in.Text("engineVersion"))
	}
	return nil
}

// latestMinor is what the cloud chooses for a version that is a major one
// only. Nothing here depends on the number.
var latestMinor = map[string]string{"13": "13.21", "14": "14.18", "15": "15.13", "16": "16.9", "17": "17.5", "18": "18.1"}

func majorOf(version string) string {
	major, _, _ := strings.Cut(version, ".")
	return major
}

// actualVersion refuses what neither RDS nor localcloud does by itself.
func actualVersion(req request) (string, error) {
	version := req.Inputs.Text("engineVersion")
	if req.Prev != nil {
		if before := majorOf(outs(*req.Prev).Text("engineVersion")); before != majorOf(version) {
			return "", fmt.Errorf("localcloud does not upgrade a database from PostgreSQL %s to %s: destroy the stack and make it again", before, majorOf(version))
		}
	}
	if strings.Contains(version, ".") {
		return version, nil
	}
	return latestMinor[version], nil
}

// classMemory is the memory of a database class in GiB, 0 when it is not
// known: by the size, and in memory-optimised families twice of that.
func classMemory(class string) int {
	parts := strings.Split(class, ".")
	if len(parts) != 3 {
		return 0
	}
	gib := map[string]int{
		"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64,
		"8xlarge": 128, "12xlarge": 192, "16xlarge": 256, "24xlarge": 384,
	}[parts[2]]
	switch parts[1][0] {
	case 't', 'm':
		return gib
	case 'r':
		return 2 * gib
	}
	return 0
}

// maxConnections is RDS's default: LEAST(DBInstanceClassMemory/9531392, 5000).
func maxConnections(class string) int {
	return min(classMemory(class)<<30/9531392, 5000)
}
