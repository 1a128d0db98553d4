package azure

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"orchard/localcloud/internal/provider"
)

const kindServer = "Microsoft.DBforPostgreSQL/flexibleServers"

// databasePort is the one port of a flexible server.
const databasePort = 5432

func databaseTypes() map[string]provider.Type {
	return map[string]provider.Type{
		typeServer: {
			Properties: serverProperties(),
			Name:       autoName("serverName", 63),
			Computed: outputs("fullyQualifiedDomainName", "location", "minorVersion", "privateEndpointConnections", "replica", "replicaCapacity",
				"replicationRole", "state", "systemData", "availabilityZone", "authConfig", "backup", "highAvailability", "maintenanceWindow"),
			Moves: map[string][]string{"minorVersion": {"version"}},
			Check: checkServer, Compute: computeServer, Leave: leaveServer,
		},
		typeAdministrator: {
			Properties: ofServer(properties{
				"objectId":      text().Needed().Replaces().Like(likeGUID, sayingGUID).Same(strings.ToLower),
				"principalName": text().Needed().Length(1, 63),
				"principalType": text().Needed().OneOf("User", "Group", "ServicePrincipal", "Unknown"),
				"tenantId":      text().Like(likeGUID, sayingGUID),
			}),
			Computed: outputs("systemData", "tenantId"),
			Compute:  computeAdministrator,
		},
		typeDatabase: {
			Properties: ofServer(properties{
				"databaseName": name(1, 63, `^[A-Za-z_][A-Za-z0-9_-]*$`, "letters, digits and _ -, a letter or _ first"),
				"charset":      text().Or("UTF8").OneOf("UTF8").OnlyHere("UTF8", "its servers are made with UTF8"),
				"collation":    text().Or("en_US.utf8").NoEffect(),
			}),
			Name:     copiedName("databaseName", 63),
			Computed: outputs("systemData"),
			Compute:  computeDatabase,
		},
		typeConfiguration: {
			Properties: ofServer(properties{
				"configurationName": name(1, 63, `^[a-z_][a-z0-9_.]*$`, "the name of a server parameter"),
				"value":             text(),
				"source":            text().Or("user-override").OneOf("user-override", "system-default"),
			}),
			Name:     copiedName("configurationName", 63),
			Computed: outputs("allowedValues", "dataType", "defaultValue", "description", "documentationLink", "isConfigPendingRestart", "isDynamicConfig", "isReadOnly", "systemData", "unit"),
			Compute:  computeConfiguration,
		},
	}
}

// ofServer adds what every part of a server takes.
func ofServer(p properties) properties {
	p["resourceGroupName"], p["serverName"] = parent(), parent()
	return p
}

func serverProperties() properties {
	switchable := func() provider.Property { return text().OneOf("Enabled", "Disabled") }
	zone := func() provider.Property { return text().OneOf("1", "2", "3") }
	return at(properties{
		"serverName": name(3, 63, `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`, "lower-case letters, digits and hyphens, no hyphen first or last"),
		"version":    text().Needed().OneOf("13", "14", "15", "16", "17", "18"),
		"sku": object(properties{
			"name": text().Needed().Like(`^Standard_[A-Z]+\d+[a-z]*(_v\d+)?$`, "a size such as Standard_D2ds_v5"),
			"tier": text().Needed().OneOf("Burstable", "GeneralPurpose", "MemoryOptimized"),
		}).Needed(),
		"storage": object(properties{
			"storageSizeGB": integer().Between(32, 65536),
			"autoGrow":      switchable(),
			"tier":          text().Like(`^P\d+$`, "a performance tier such as P4"),
			"type":          text().OneOf("Premium_LRS", "PremiumV2_LRS"),
			"iops":          integer(), "throughput": integer(),
		}).Needed().NoEffect(),
		"availabilityZone": zone().Replaces(),
		"highAvailability": object(properties{
			"mode":                    text().Or("Disabled").OneOf("Disabled", "ZoneRedundant", "SameZone"),
			"standbyAvailabilityZone": zone(),
		}).Makes("state"),
		"network": object(properties{
			"delegatedSubnetResourceId":   id().Needed(),
			"privateDnsZoneArmResourceId": id().Needed(),
			"publicNetworkAccess":         switchable().OnlyHere("Disabled", "a server in a delegated subnet has no other (ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration)"),
		}).Needed(),
		"authConfig": object(properties{
			"activeDirectoryAuth": switchable().Or("Disabled"),
			"passwordAuth":        switchable().Or("Enabled"),
			"tenantId":            text().Like(likeGUID, sayingGUID),
		}).Or(map[string]any{}),
		"administratorLogin":         text().Replaces().Length(1, 63).Like(`^[a-zA-Z][a-zA-Z0-9_]*$`, "letters, digits and underscores, a letter first"),
		"administratorLoginPassword": text().Hidden().Length(8, 128),
		"backup": object(properties{
			"backupRetentionDays": integer().Or(7.0).Between(7, 35),
			"geoRedundantBackup":  switchable().Or("Disabled").Replaces(),
		}).NoEffect(),
		"maintenanceWindow": object(properties{
			"customWindow": switchable(), "dayOfWeek": integer().Between(0, 6), "startHour": integer().Between(0, 23), "startMinute": integer().Between(0, 59),
		}).NoEffect(),
		"createMode":      text().OneOf("Default", "Create", "Update", "PointInTimeRestore", "GeoRestore", "Replica").Like(`^(Default|Create|Update)$`, "Default or Create: localcloud restores no backups"),
		"replicationRole": text().OneOf("None", "Primary").NoEffect(),
	})
}

// reservedLogins are names that the cloud keeps for itself.
var reservedLogins = []string{"azure_superuser", "azuresu", "azure_pg_admin", "admin", "administrator", "root", "guest", "public", "sa", "postgres"}

func checkServer(in provider.Inputs) failures {
	auth := in.Object("authConfig")
	switch login := strings.ToLower(in.Text("administratorLogin")); {
	case auth.Text("passwordAuth") == "Enabled" && (!in.Has("administratorLogin") || !in.Has("administratorLoginPassword")):
		return refuse("administratorLogin", "and administratorLoginPassword are required with authConfig.passwordAuth Enabled, which is the default")
	case auth.Text("passwordAuth") == "Disabled" && auth.Text("activeDirectoryAuth") == "Disabled":
		return refuse("authConfig.activeDirectoryAuth", "is \"Disabled\", as passwordAuth is: no one could log in")
	case strings.HasPrefix(login, "pg_") || slices.Contains(reservedLogins, login):
		return refuse("administratorLogin", "is %q, which is a reserved name", login)
	}
	if f := checkAvailability(in); f != nil {
		return f
	}
	if size := in.Object("sku"); size.Known("name") && sizeMemory(size.Text("name")) == 0 {
		return refuse("sku.name", "localcloud does not know how much memory %s has", size.Text("name"))
	}
	return nil
}

func checkAvailability(in provider.Inputs) failures {
	sku, ha := in.Object("sku"), in.Object("highAvailability")
	mode, standby := ha.Text("mode"), ha.Text("standbyAvailabilityZone")
	size := regexp.MustCompile(`^Standard_([A-Z])`).FindStringSubmatch(sku.Text("name"))
	switch {
	case size != nil && sku.Known("tier") && tierOf(size[1]) != sku.Text("tier"):
		return refuse("sku.tier", "is %q, but %s is %s", sku.Text("tier"), sku.Text("name"), tierOf(size[1]))
	case mode == "":
		return nil
	case mode != "Disabled" && sku.Text("tier") == "Burstable":
		return refuse("highAvailability.mode", "is %q, which servers of the tier Burstable do not have", mode)
	case mode == "ZoneRedundant" && standby != "" && standby == in.Text("availabilityZone"):
		return refuse("highAvailability.standbyAvailabilityZone", "is %q, the zone of the primary: ZoneRedundant needs another one", standby)
	case mode == "SameZone":
		return refuse("highAvailability.mode", "is \"SameZone\", localcloud puts a standby in another zone: use ZoneRedundant")
	}
	return nil
}

func tierOf(family string) string {
	switch family {
	case "B":
		return "Burstable"
	case "E":
		return "MemoryOptimized"
	}
	return "GeneralPurpose"
}

// sizes read "Standard_D2ds_v5": the family, the processors, the features.
var serverSize = regexp.MustCompile(`^Standard_([BDE])(\d+)([a-z]*)(_v\d+)?$`)

// sizeMemory is the memory of a server's size in GiB, 0 when it is not known:
// 4 for each processor, and 8 in memory-optimised families; of the burstable
// sizes those with an m have 4 for each and the others 2.
func sizeMemory(size string) int {
	m := serverSize.FindStringSubmatch(size)
	if m == nil {
		return 0
	}
	processors, err := strconv.Atoi(m[2])
	if err != nil {
		return 0
	}
	switch {
	case m[1] == "E":
		return 8 * processors
	case m[1] == "B" && !strings.Contains(m[3], "m"):
		return 2 * processors
	case size == "Standard_B1ms":
		return 2
	}
	return 4 * processors
}

// maxConnections is the cloud's default, which goes by the memory: 859 with
// 8 GiB, at most 5000, and 50 for the smallest size.
func maxConnections(size string) int {
	if size == "Standard_B1ms" {
		return 50
	}
	return min(int(math.Round(float64(sizeMemory(size))*(1<<30)/1e7)), 5000)
}
