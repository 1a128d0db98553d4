package azurestack

import (
	"strconv"
	"strings"

	armdns "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240601"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/armtypes"
	"orchard/infra/internal/settings"
)

// The database's own names. The master role is the admin identity's name.
const (
	databaseName = "orchard"
	appRole      = "orchard_app"
	// dnsZone must end as it does, and not be the server's name.
	dnsZone = "orchard.private.postgres.database.azure.com"
	// serverLogDays is how long the server keeps its own log files, 1 to 7.
	serverLogDays = 7
)

// database is a PostgreSQL server without a password: clients sign in with
// tokens of the directory.
type database struct {
	server *armtypes.Server
	// ready is the last of what the server was given: it takes one change at
	// a time and answers others that it is busy.
	ready pulumi.Resource
}

func declareDatabase(s scope, set settings.Settings, tenant string, n network) (database, error) {
	dns, link, err := declareDNS(s, n)
	if err != nil {
		return database{}, err
	}
	args := databaseArgs(set.Database, tenant, n.zones)
	args.ResourceGroupName = s.group.Name
	args.Location = s.location
	args.ServerName = s.unique("orchard-")
	args.Network = &armtypes.NetworkArgs{
		DelegatedSubnetResourceID:   n.database,
		PrivateDNSZoneArmResourceID: dns.ID(),
		PublicNetworkAccess:         pulumi.String("Disabled"),
	}
	args.Tags = s.named("database")
	// A failover swaps the zones, which is no change to take back.
	swapped := pulumi.IgnoreChanges([]string{"availabilityZone", "highAvailability.standbyAvailabilityZone"})
	server, err := armtypes.NewServer(s.Context, "database", args, s.on, swapped,
		pulumi.DependsOn([]pulumi.Resource{link}), protect(set.DeletionProtection))
	if err != nil {
		return database{}, err
	}
	db := database{server: server, ready: server}
	if err := db.declareParameters(s, set.Database); err != nil {
		return database{}, err
	}
	db.ready, err = armtypes.NewDatabase(s.Context, databaseName, &armtypes.DatabaseArgs{
		ResourceGroupName: s.group.Name,
		ServerName:        server.Name,
		DatabaseName:      pulumi.String(databaseName),
		Charset:           pulumi.String("UTF8"),
		Collation:         pulumi.String("en_US.utf8"),
	}, s.on, pulumi.DependsOn([]pulumi.Resource{db.ready}))
	return db, err
}

// databaseArgs are the inputs that follow from the configuration alone. The
// version is the major one; Azure chooses the minor version.
func databaseArgs(db settings.Database, tenant string, zones []zone) *armtypes.ServerArgs {
	return &armtypes.ServerArgs{
		Version:          pulumi.String(strconv.Itoa(db.Major)),
		Sku:              &armtypes.SkuArgs{Name: pulumi.String(db.Class), Tier: pulumi.String(tier(db.Class))},
		Storage:          &armtypes.StorageArgs{StorageSizeGB: pulumi.Int(db.StorageGiB), AutoGrow: pulumi.String("Enabled")},
		AvailabilityZone: pulumi.String(zones[0].number),
		HighAvailability: standby(db, zones),
		AuthConfig: &armtypes.AuthConfigArgs{
			ActiveDirectoryAuth: pulumi.String("Enabled"),
			PasswordAuth:        pulumi.String("Disabled"),
			TenantID:            pulumi.String(tenant),
		},
		Backup:            &armtypes.BackupArgs{BackupRetentionDays: pulumi.Int(7), GeoRedundantBackup: pulumi.String("Disabled")},
		MaintenanceWindow: sundayNight(),
	}
}

// sundayNight is when the server may be patched, in UTC:
// with a standby that is one failover.
func sundayNight() *armtypes.MaintenanceWindowArgs {
	return &armtypes.MaintenanceWindowArgs{
		CustomWindow: pulumi.String("Enabled"), DayOfWeek: pulumi.Int(0), StartHour: pulumi.Int(2), StartMinute: pulumi.Int(0),
	}
}

// standby keeps a synchronous copy in the second zone.
func standby(db settings.Database, zones []zone) *armtypes.HighAvailabilityArgs {
	if !db.MultiAZ {
		return &armtypes.HighAvailabilityArgs{Mode: pulumi.String("Disabled")}
	}
	return &armtypes.HighAvailabilityArgs{
		Mode: pulumi.String("ZoneRedundant"), StandbyAvailabilityZone: pulumi.String(zones[1].number),
	}
}

// tier follows from the family in a class's name, Standard_D2ds_v5.
func tier(class string) string {
	switch family := strings.TrimPrefix(class, "Standard_"); family[0] {
	case 'B':
		return "Burstable"
	case 'D':
		return "GeneralPurpose"
	default:
		return "MemoryOptimized"
	}
}

// declareParameters refuses connections without TLS, logs who connects and
// audits who changes the schema and the rights, and sets the number of
// connections that the pool's size was reckoned with. That one and the library
// that audits hold from the server's next restart; until then it allows the
// connections that its class does, which are more.
func (db *database) declareParameters(s scope, set settings.Database) error {
	for _, parameter := range []struct{ name, value string }{
		{"require_secure_transport", "on"},
		{"ssl_min_protocol_version", "TLSv1.3"},
		{"max_connections", strconv.Itoa(set.MaxConnections)},
		{"log_connections", "on"},
		{"log_disconnections", "on"},
		{"log_checkpoints", "on"},
		{"logfiles.download_enable", "on"},
		{"logfiles.retention_days", strconv.Itoa(serverLogDays)},
		{"shared_preload_libraries", "pg_stat_statements,pgaudit"},
		{"pgaudit.log", "ddl,role"},
	} {
		declared, err := armtypes.NewConfiguration(s.Context, parameter.name, &armtypes.ConfigurationArgs{
			ResourceGroupName: s.group.Name,
			ServerName:        db.server.Name,
			ConfigurationName: pulumi.String(parameter.name),
			Value:             pulumi.String(parameter.value),
			Source:            pulumi.String("user-override"),
		}, s.on, pulumi.DependsOn([]pulumi.Resource{db.ready}))
		if err != nil {
			return err
		}
		db.ready = declared
	}
	return nil
}

// declareDNS gives the server a name inside the network. Nothing checks the
// link when the server is made: without it the name just does not resolve.
func declareDNS(s scope, n network) (*armdns.PrivateZone, *armdns.VirtualNetworkLink, error) {
	dns, err := armdns.NewPrivateZone(s.Context, "database", &armdns.PrivateZoneArgs{
		ResourceGroupName: s.group.Name,
		Location:          pulumi.String("Global"),
		PrivateZoneName:   pulumi.String(dnsZone),
		Tags:              s.named("database"),
	}, s.on)
	if err != nil {
		return nil, nil, err
	}
	link, err := armdns.NewVirtualNetworkLink(s.Context, "database", &armdns.VirtualNetworkLinkArgs{
		ResourceGroupName:   s.group.Name,
		Location:            pulumi.String("Global"),
		PrivateZoneName:     dns.Name,
		RegistrationEnabled: pulumi.Bool(false),
		VirtualNetwork:      armdns.SubResourceArgs{Id: n.vnet.ID()},
		Tags:                s.named("database"),
	}, s.on)
	return dns, link, err
}
