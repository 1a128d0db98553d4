package armtypes

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Server is a PostgreSQL flexible server.
type Server struct {
	pulumi.CustomResourceState

	// FullyQualifiedDomainName is the host that the certificate names.
	FullyQualifiedDomainName pulumi.StringOutput `pulumi:"fullyQualifiedDomainName"`
	// Name is the server's own.
	Name pulumi.StringOutput `pulumi:"name"`
}

// ServerArgs are the inputs. The server's name is one of all Azure: 3 to 63
// lower-case letters, digits and hyphens.
type ServerArgs struct {
	AuthConfig        *AuthConfigArgs
	AvailabilityZone  pulumi.StringPtrInput
	Backup            *BackupArgs
	HighAvailability  *HighAvailabilityArgs
	Location          pulumi.StringPtrInput
	MaintenanceWindow *MaintenanceWindowArgs
	Network           *NetworkArgs
	ResourceGroupName pulumi.StringInput
	ServerName        pulumi.StringPtrInput
	Sku               *SkuArgs
	Storage           *StorageArgs
	Tags              pulumi.StringMapInput
	Version           pulumi.StringPtrInput
}

type serverArgs struct {
	AuthConfig        *authConfig        `pulumi:"authConfig"`
	AvailabilityZone  *string            `pulumi:"availabilityZone"`
	Backup            *backup            `pulumi:"backup"`
	HighAvailability  *highAvailability  `pulumi:"highAvailability"`
	Location          *string            `pulumi:"location"`
	MaintenanceWindow *maintenanceWindow `pulumi:"maintenanceWindow"`
	Network           *network           `pulumi:"network"`
	ResourceGroupName string             `pulumi:"resourceGroupName"`
	ServerName        *string            `pulumi:"serverName"`
	Sku               *sku               `pulumi:"sku"`
	Storage           *storage           `pulumi:"storage"`
	Tags              map[string]string  `pulumi:"tags"`
	Version           *string            `pulumi:"version"`
}

// ElementType is of pulumi.Input.
func (ServerArgs) ElementType() reflect.Type { return reflect.TypeFor[serverArgs]() }

// NewServer declares a server.
func NewServer(ctx *pulumi.Context, name string, args *ServerArgs, opts ...pulumi.ResourceOption) (*Server, error) {
	var declared Server
	return &declared, register(ctx, ServerToken, name, args, &declared, opts)
}

// AuthConfigArgs say how clients may sign in: each is Enabled or Disabled.
type AuthConfigArgs struct {
	ActiveDirectoryAuth pulumi.StringPtrInput
	PasswordAuth        pulumi.StringPtrInput
	TenantID            pulumi.StringPtrInput
}

type authConfig struct {
	ActiveDirectoryAuth *string `pulumi:"activeDirectoryAuth"`
	PasswordAuth        *string `pulumi:"passwordAuth"`
	TenantID            *string `pulumi:"tenantId"`
}

// ElementType is of pulumi.Input.
func (AuthConfigArgs) ElementType() reflect.Type { return reflect.TypeFor[authConfig]() }

// BackupArgs keep backups for 7 to 35 days.
type BackupArgs struct {
	BackupRetentionDays pulumi.IntPtrInput
	GeoRedundantBackup  pulumi.StringPtrInput
}

type backup struct {
	BackupRetentionDays *int    `pulumi:"backupRetentionDays"`
	GeoRedundantBackup  *string `pulumi:"geoRedundantBackup"`
}

// ElementType is of pulumi.Input.
func (BackupArgs) ElementType() reflect.Type { return reflect.TypeFor[backup]() }

// HighAvailabilityArgs have the mode Disabled, SameZone or ZoneRedundant.
type HighAvailabilityArgs struct {
	Mode                    pulumi.StringPtrInput
	StandbyAvailabilityZone pulumi.StringPtrInput
}

type highAvailability struct {
	Mode                    *string `pulumi:"mode"`
	StandbyAvailabilityZone *string `pulumi:"standbyAvailabilityZone"`
}

// ElementType is of pulumi.Input.
func (HighAvailabilityArgs) ElementType() reflect.Type { return reflect.TypeFor[highAvailability]() }

// MaintenanceWindowArgs are Enabled or Disabled, a day from Sunday (0), and an
// hour and minute in UTC. A window lasts an hour.
type MaintenanceWindowArgs struct {
	CustomWindow pulumi.StringPtrInput
	DayOfWeek    pulumi.IntPtrInput
	StartHour    pulumi.IntPtrInput
	StartMinute  pulumi.IntPtrInput
}

type maintenanceWindow struct {
	CustomWindow *string `pulumi:"customWindow"`
	DayOfWeek    *int    `pulumi:"dayOfWeek"`
	StartHour    *int    `pulumi:"startHour"`
	StartMinute  *int    `pulumi:"startMinute"`
}

// ElementType is of pulumi.Input.
func (MaintenanceWindowArgs) ElementType() reflect.Type { return reflect.TypeFor[maintenanceWindow]() }

// NetworkArgs put the server into a delegated subnet, for good.
type NetworkArgs struct {
	DelegatedSubnetResourceID   pulumi.StringPtrInput
	PrivateDNSZoneArmResourceID pulumi.StringPtrInput
	PublicNetworkAccess         pulumi.StringPtrInput
}

type network struct {
	DelegatedSubnetResourceID   *string `pulumi:"delegatedSubnetResourceId"`
	PrivateDNSZoneArmResourceID *string `pulumi:"privateDnsZoneArmResourceId"`
	PublicNetworkAccess         *string `pulumi:"publicNetworkAccess"`
}

// ElementType is of pulumi.Input.
func (NetworkArgs) ElementType() reflect.Type { return reflect.TypeFor[network]() }

// SkuArgs name a class and its tier: Burstable, GeneralPurpose or
// MemoryOptimized.
type SkuArgs struct {
	Name pulumi.StringInput
	Tier pulumi.StringInput
}

type sku struct {
	Name string `pulumi:"name"`
	Tier string `pulumi:"tier"`
}

// ElementType is of pulumi.Input.
func (SkuArgs) ElementType() reflect.Type { return reflect.TypeFor[sku]() }

// StorageArgs give the disk, in GiB in spite of the name.
type StorageArgs struct {
	AutoGrow      pulumi.StringPtrInput
	StorageSizeGB pulumi.IntPtrInput
}

type storage struct {
	AutoGrow      *string `pulumi:"autoGrow"`
	StorageSizeGB *int    `pulumi:"storageSizeGB"`
}

// ElementType is of pulumi.Input.
func (StorageArgs) ElementType() reflect.Type { return reflect.TypeFor[storage]() }
