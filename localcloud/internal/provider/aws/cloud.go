package aws

import (
	"fmt"
	"strings"

	"orchard/localcloud/internal/world"
)

// Cloud is what the services that instances ask (metadata, objects, secrets,
// database logins) know of a world: the part of the translation that has
// AWS's own words.
type Cloud struct {
	Region string

	Roles            map[string]Role            // by name
	InstanceProfiles map[string]InstanceProfile // by ARN, which is TemplateVersion.Identity
	Buckets          map[string]Bucket          // by name
	Objects          map[string]Object          // by bucket/key
	Secrets          map[string]Secret          // by ARN
	Databases        map[string]DatabaseAccess  // by world.Database.ID
	Groups           map[string]string          // ARN of a scaling group, by name
}

// Role is what an instance may do. The policies are JSON documents.
type Role struct {
	Name, ARN string
	Trust     string   // who may take the role
	Policies  []string // inline and attached ones
}

// InstanceProfile gives a role to an instance.
type InstanceProfile struct {
	ID        string // AIPA…, as the metadata service tells it
	Name, ARN string
	Role      string // its name; empty when the profile has none
}

// Bucket has a policy document, or none.
type Bucket struct {
	Name, ARN string
	Policy    string
}

// Object is content in the content-addressed store.
type Object struct {
	SHA256, ContentType, ETag string
	Size                      int64 // bytes
}

// Secret is what RDS keeps for a database's master role.
type Secret struct {
	ARN, Username, Password string
	Database                string // world.Database.ID
}

// DatabaseAccess is how logins to a database are decided.
type DatabaseAccess struct {
	ResourceID string // of arn:aws:rds-db:…:dbuser:RESOURCEID/ROLE
	ARN        string
	IAM        bool // tokens are accepted
	ForceTLS   bool // rds.force_ssl
}

// declareCloud translates the part that only AWS has words for.
func declareCloud(resources []world.Resource) Cloud {
	c := Cloud{
		Region: regionOf(resources),
		Roles:  map[string]Role{}, InstanceProfiles: map[string]InstanceProfile{}, Buckets: map[string]Bucket{},
		Objects: map[string]Object{}, Secrets: map[string]Secret{}, Databases: map[string]DatabaseAccess{},
		Groups: map[string]string{},
	}
	for _, r := range resources {
		c.addIdentity(r)
		c.addStore(r)
	}
	for _, r := range each(resources, typeDatabase) {
		c.addDatabase(r, resources)
	}
	for _, r := range each(resources, typeGroup) {
		c.Groups[outs(r).Text("name")] = outs(r).Text("arn")
	}
	c.addPolicies(resources)
	return c
}

func (c Cloud) addIdentity(r world.Resource) {
	o := outs(r)
	switch r.Type {
	case typeRole:
		c.Roles[o.Text("name")] = Role{Name: o.Text("name"), ARN: o.Text("arn"), Trust: o.Text("assumeRolePolicy")}
	case typeInstanceProfile:
		c.InstanceProfiles[o.Text("arn")] = InstanceProfile{
			ID: o.Text("uniqueId"), Name: o.Text("name"), ARN: o.Text("arn"), Role: o.Text("role"),
		}
	}
}

func (c Cloud) addStore(r world.Resource) {
	o, private := outs(r), privates(r)
	switch r.Type {
	case typeBucket:
		c.Buckets[o.Text("bucket")] = Bucket{Name: o.Text("bucket"), ARN: o.Text("arn")}
	case typeBucketObject:
		c.Objects[o.Text("bucket")+"/"+o.Text("key")] = Object{
			SHA256: private.Text("sha256"), Size: int64(private.Number("size")),
			ContentType: o.Text("contentType"), ETag: o.Text("etag"),
		}
	}
}

func (c Cloud) addDatabase(r world.Resource, resources []world.Resource) {
	o, private := outs(r), privates(r)
	parameters := databaseParameters(resources, o)
	c.Databases[r.ID] = DatabaseAccess{
		ResourceID: o.Text("resourceId"), ARN: o.Text("arn"),
		IAM:      o.Flag("iamDatabaseAuthenticationEnabled"),
		ForceTLS: parameters["rds.force_ssl"] != "0",
	}
	if secret := private.Text("masterSecret"); secret != "" {
		c.Secrets[secret] = Secret{
			ARN: secret, Username: o.Text("username"), Password: private.Text("masterPassword"), Database: r.ID,
		}
	}
}

// addPolicies gives roles and buckets their documents.
func (c Cloud) addPolicies(resources []world.Resource) {
	for _, r := range resources {
		o := outs(r)
		switch r.Type {
		case typeRolePolicy:
			c.grant(o.Text("role"), o.Text("policy"))
		case typeAttachment:
			c.grant(o.Text("role"), managed[o.Text("policyArn")])
		case typeBucketPolicy:
			if b, ok := c.Buckets[o.Text("bucket")]; ok {
				b.Policy = o.Text("policy")
				c.Buckets[b.Name] = b
			}
		}
	}
}

func (c Cloud) grant(role, document string) {
	if r, ok := c.Roles[role]; ok {
		r.Policies = append(r.Policies, document)
		c.Roles[role] = r
	}
}

// regionOf is the region of a world. A world is in one.
func regionOf(resources []world.Resource) string {
	for _, r := range resources {
		if region := privates(r).Text("region"); region != "" {
			return region
		}
	}
	return ""
}

// oneRegion refuses a world in two regions: its zones number its addresses.
func oneRegion(resources []world.Resource) error {
	first := regionOf(resources)
	for _, r := range resources {
		if region := privates(r).Text("region"); region != "" && region != first {
			return fmt.Errorf("%s is in region %s and the rest of the stack in %s: localcloud runs one region a stack", label(r), region, first)
		}
	}
	return nil
}

// label names a resource in a sentence: its name in the program and its id.
func label(r world.Resource) string {
	id, _, _ := strings.Cut(r.ID, "#")
	return fmt.Sprintf("%s (%s)", logicalName(r), id)
}
