package azure

// Cloud is what the services that instances ask (metadata, identity tokens,
// blobs, database logins) know of a world: the part of the translation that
// has Azure's own words. Resource ids are as on record; they differ from what
// a program writes by case at most, so compare with SameID.
type Cloud struct {
	Location       string // "germanywestcentral"
	SubscriptionID string
	TenantID       string

	Identities      map[string]Identity       // by id
	ScaleSets       map[string]ScaleSet       // by id, which is world.Group.ID and TemplateVersion.Identity
	RoleAssignments []RoleAssignment          // of every scope
	RoleDefinitions map[string]RoleDefinition // by GUID, lower case
	Accounts        map[string]Account        // by name
	Containers      map[string]Container      // by account/container
	Blobs           map[string]Blob           // by account/container/name
	Databases       map[string]DatabaseAccess // by world.Database.ID
}

// Identity is a user-assigned managed identity.
type Identity struct {
	ID, Name    string
	ClientID    string // by which an instance asks for it
	PrincipalID string // its object id: who it is in role assignments and tokens
	TenantID    string
}

// ScaleSet is what the metadata of a scale set's instances tells.
type ScaleSet struct {
	ID, Name      string
	ResourceGroup string
	VMSize        string   // "Standard_D2s_v5"
	Identities    []string // ids, of Cloud.Identities, assigned to its instances

	// TerminateNotice is how long before its deletion an instance is told of
	// it by a scheduled event, as an ISO 8601 duration; empty for not at all.
	TerminateNotice string
}

// RoleAssignment gives a role to a principal at a scope and below it.
type RoleAssignment struct {
	ID          string
	Scope       string // an id: of a subscription, group, account, container, vault or secret
	Role        string // the role definition's GUID, lower case
	PrincipalID string
}

// Account is a storage account.
type Account struct {
	ID, Name string
	BlobHost string // "<account>.blob.core.windows.net"

	// Refused names the scale sets (by id) whose subnets the account's
	// network rules turn away, each with the sentence that says why. Azure
	// answers them 403 AuthorizationFailure.
	Refused map[string]string
}

// Container is a blob container. No one reads it anonymously.
type Container struct {
	ID, Name string
	Account  string // its name
}

// Blob is content in the content-addressed store.
type Blob struct {
	Name                      string
	SHA256, ContentType, ETag string
	Size                      int64 // bytes
}

// DatabaseAccess is how logins to a database server are decided.
type DatabaseAccess struct {
	ID             string
	Name           string
	FQDN           string // its name in the cloud; the address in outputs is loopback
	TenantID       string // whose tokens are accepted
	EntraAuth      bool
	PasswordAuth   bool
	ForceTLS       bool // require_secure_transport
	Administrators []Administrator
}

// Administrator is an Entra principal that is an administrator of a server:
// its name is a role, which tokens with its object id may take.
type Administrator struct {
	ObjectID string
	Name     string
	Type     string // "ServicePrincipal", "User" or "Group"
}
