// Package settings turns the stack's configuration into checked values.
//
// Every key is declared in Pulumi.yaml with its type, default and description;
// the engine fills the defaults in, so none is repeated here. Parse looks at
// all keys before it answers and reports every problem at once, an unknown
// key too: a misspelt key that is silently ignored costs an outage later.
//
// What the surprise is: a plain-HTTP listener is an error unless the stack
// asks for it, and the connection pool is not configured but follows from
// the database's connections and the size of the fleet.
package settings

// Cloud is where a stack goes up.
type Cloud string

// The clouds that a stack may name.
const (
	AWS   Cloud = "aws"
	Azure Cloud = "azure"
)

// Role is what a stack is.
type Role string

// Service is the fruit API, LoadRunner a fleet that sends load to one.
const (
	Service    Role = "service"
	LoadRunner Role = "loadrunner"
)

// Size is what a stack is for.
type Size string

// Dev is a stack that costs little and may come and go, Production one that
// people depend on. What protects a stack and costs nothing is in both.
const (
	Dev        Size = "dev"
	Production Size = "production"
)

// Topology says how scaling groups lie over the zones.
type Topology string

// Regional is one group over all zones, Zonal is one group in each zone.
const (
	Regional Topology = "regional"
	Zonal    Topology = "zonal"
)

// Architecture is the processor that image, instance type and release share.
type Architecture string

// The architectures that the service is built for.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// Zones is the number of zones that every stack spans.
const Zones = 3

// AzureZones are the numbers of the zones of every Azure location that has
// any.
var AzureZones = []string{"1", "2", "3"}

// Settings is one stack's whole configuration.
type Settings struct {
	Stack  string
	Role   Role
	Cloud  Cloud
	Size   Size
	Region string
	// Zones holds three zone names (numbers on Azure), or none for the first
	// three of the region.
	Zones        []string
	Architecture Architecture
	// Release is the path of the binary that the instances run.
	Release string
	Network Network
	Fleet   Fleet
	// Listener is the load balancer's public side.
	Listener Listener
	Database Database
	// Runner is of the role LoadRunner alone.
	Runner Runner
	// WriteToken is the SHA-256, in lower-case hex, of the token that a write
	// needs. Nothing but the stack's secrets knows the token.
	WriteToken string
	// DeployFrom are the public IPv4 addresses and ranges that the release may
	// be uploaded from, on Azure alone. None means from everywhere.
	DeployFrom []string
	// DeletionProtection guards what holds data or traffic.
	DeletionProtection bool
}

// Network is the address range of the stack.
type Network struct {
	// CIDR is an IPv4 range of 16 bits.
	CIDR string
}

// Fleet is the application tier.
type Fleet struct {
	Topology Topology
	// Image is empty for the cloud's newest of its usual system.
	Image        string
	InstanceType string
	// OtherTypes are launched, in their order, where a zone has none of
	// InstanceType left. On Azure a scale set has one type.
	OtherTypes []string
	// EncryptionAtHost is Azure's name for caches and disks that are encrypted
	// on the machine that they are read on. On AWS disks always are.
	EncryptionAtHost bool
	// MinSize and MaxSize count the instances of all groups together.
	MinSize, MaxSize int
	// CPUTarget is in percent.
	CPUTarget int
	// RequestsPerTarget is per minute. Azure's load balancer counts none.
	RequestsPerTarget int
}

// Listener is HTTPS when it has a certificate and plain HTTP otherwise.
type Listener struct {
	Port int
	// Certificate is the ARN of the load balancer's, on AWS alone.
	Certificate string
	// CertificateSecret is the resource id of the Key Vault's secret that
	// holds it, on Azure alone, where the instances end TLS.
	CertificateSecret string
	Domain            string
}

// Secure says whether clients speak HTTPS.
func (l Listener) Secure() bool { return l.Certificate != "" || l.CertificateSecret != "" }

// Database is the PostgreSQL server behind the fleet.
type Database struct {
	Major   int
	MultiAZ bool
	Class   string
	// StorageGiB is the first size.
	StorageGiB     int
	Port           int
	MaxConnections int
}

// PoolSize is how many connections one instance may hold: four fifths of
// max_connections, shared by twice the largest fleet, because a fleet that is
// being replaced runs twice for a while.
func (s Settings) PoolSize() int {
	return 2 * s.Database.MaxConnections / (5 * s.Fleet.MaxSize)
}
