package awscloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/iam"
	"orchard/localcloud/internal/machine/image"
	"orchard/localcloud/internal/metadata"
	"orchard/localcloud/internal/postgres"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/sigv4"
	"orchard/localcloud/internal/world"
)

// Config is what the cloud needs from its daemon.
type Config struct {
	Authority *authority.Authority
	Key       []byte // credentials are derived from it; at least 32 bytes
	Blobs     string // folder of object contents, by SHA-256
	Log       *slog.Logger
}

// Cloud is AWS for the worlds of one daemon.
type Cloud struct {
	Config
	issuer   *metadata.Issuer
	metadata cloudservice.Metadata
}

// New makes the cloud.
func New(c Config) (*Cloud, error) {
	issuer, err := metadata.NewIssuer(c.Key)
	if err != nil {
		return nil, err
	}
	return &Cloud{Config: c, issuer: issuer}, nil
}

// Declare translates a world's resources.
func (c *Cloud) Declare(resources []world.Resource) (world.Declared, error) {
	declared, _, err := aws.Declare(resources)
	return declared, err
}

// state is what AWS alone knows of a world, now.
func state(w *world.World) (aws.Cloud, error) {
	_, cloud, err := aws.Declare(w.Resources())
	return cloud, err
}

// NewInstanceID is an id as EC2 gives them: i- and 17 hexadecimal digits.
func (c *Cloud) NewInstanceID(world.Group) string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // it never fails: see crypto/rand
	return "i-" + hex.EncodeToString(random[:])[:17]
}

// DatabaseRoles are the roles of RDS for PostgreSQL.
func (c *Cloud) DatabaseRoles() (string, []postgres.GroupRole) {
	return "rdsadmin", []postgres.GroupRole{
		{Name: "rds_superuser", Granted: true, Grantable: true},
		{Name: "rds_iam", Grantable: true},
		{Name: "rds_password", Grantable: true},
	}
}

// A failover of a Multi-AZ instance.
const (
	// failoverTime is the middle of the 60 to 120 s that a failover typically
	// takes. Source: Amazon RDS User Guide, Failing over a Multi-AZ DB instance;
	// the middle is chosen. The work itself takes less than a second here.
	failoverTime = 90 * time.Second
	// addressLife is the time to live of the endpoint's DNS record. Source: AWS
	// re:Post, which says it of Aurora.
	addressLife = 5 * time.Second
)

// DatabaseTiming is that of an RDS instance: clients that hold the old address
// until its life is over see writes accepted again after failoverTime.
func (c *Cloud) DatabaseTiming() postgres.Timing {
	return postgres.Timing{Detection: failoverTime - addressLife, Address: addressLife}
}

// DatabaseSetup is nothing: RDS has roles alone.
func (c *Cloud) DatabaseSetup() []string { return nil }

// Boot starts the metadata service of an instance and says what the instance
// finds.
func (c *Cloud) Boot(ctx context.Context, w *world.World, i world.Instance, t world.TemplateVersion) (world.Image, error) {
	address, err := c.serveMetadata(ctx, w, i, t)
	if err != nil {
		return world.Image{}, err
	}
	services, err := cloudservice.Addresses(w, c.services(w))
	if err != nil {
		return world.Image{}, err
	}
	root := filepath.Join(w.InstanceFolder(i.ID), "ca.pem")
	return world.Image{
		Commands: image.Commands(),
		Env: []string{
			"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://" + address,
			"AWS_ENDPOINT_URL_S3=https://" + services[objectService],
			"AWS_ENDPOINT_URL_SECRETS_MANAGER=https://" + services[secretService],
			"AWS_ENDPOINT_URL_AUTO_SCALING=https://" + services[hookService],
			"AWS_CA_BUNDLE=" + root,
		},
		Files: map[string][]byte{
			"ca.pem":       c.Authority.PEM(),
			"curl/.curlrc": []byte(cloudservice.Curlrc(i.Address, address, root, map[string]string{trustHost: services[trustService]})),
		},
	}, nil
}

// Announce is not for this cloud: its groups give no notice.
func (c *Cloud) Announce(*world.World, world.Instance, time.Time) <-chan struct{} { return nil }

// Forget ends the metadata service of an instance.
func (c *Cloud) Forget(w *world.World, instance string) { c.metadata.Forget(w, instance) }

func (c *Cloud) serveMetadata(ctx context.Context, w *world.World, i world.Instance, t world.TemplateVersion) (string, error) {
	cloud, err := state(w)
	if err != nil {
		return "", err
	}
	return c.metadata.Serve(ctx, w, i, metadata.AWS(c.describe(w, cloud, i, t), c.issuer, time.Now))
}

func (c *Cloud) describe(w *world.World, cloud aws.Cloud, i world.Instance, t world.TemplateVersion) metadata.Instance {
	profile := cloud.InstanceProfiles[i.Identity]
	out := metadata.Instance{
		ID: i.ID, Zone: i.Zone, Region: cloud.Region, Address: i.Address, Account: aws.Account,
		Type: t.InstanceType, Image: t.Image, Architecture: t.Architecture,
		Launched: i.Launched, UserData: t.UserData, Profile: profile.ARN,
	}
	role, ok := cloud.Roles[profile.Role]
	if !ok {
		return out
	}
	if err := assumable(role); err != nil {
		w.Refused(i.ID, "the instance gets no credentials: "+err.Error())
		return out
	}
	out.Role, out.Identity = role.Name, identityOf(w, role.Name)
	return out
}

// identityOf is who an instance is to the services of its world. Two worlds may
// have a role of the same name, and neither accepts the other's.
func identityOf(w *world.World, role string) string { return w.Stack() + "/" + role }

// roleOf finds the role of a caller.
func roleOf(w *world.World, cloud aws.Cloud, p sigv4.Principal) (aws.Role, error) {
	name, ok := strings.CutPrefix(p.Identity, w.Stack()+"/")
	if !ok {
		return aws.Role{}, fmt.Errorf("%s is not of this stack", p.Identity)
	}
	role, ok := cloud.Roles[name]
	if !ok {
		return aws.Role{}, fmt.Errorf("role %s does not exist any more", name)
	}
	return role, nil
}

// assumable says whether EC2 may take the role for an instance.
func assumable(role aws.Role) error {
	trust, err := iam.Parse(role.Name+" (trust)", role.Trust)
	if err != nil {
		return err
	}
	allowed, why := iam.Evaluate([]iam.Document{trust}, iam.Request{
		Principal: "ec2.amazonaws.com", Action: "sts:AssumeRole", Resource: role.ARN,
	})
	if !allowed {
		return fmt.Errorf("%s", why)
	}
	return nil
}
