package awscloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/iam"
	"orchard/localcloud/internal/machine"
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
	issuer *metadata.Issuer

	mu       sync.Mutex
	metadata map[string]*http.Server // by instance
}

// New makes the cloud.
func New(c Config) (*Cloud, error) {
	issuer, err := metadata.NewIssuer(c.Key)
	if err != nil {
		return nil, err
	}
	return &Cloud{Config: c, issuer: issuer, metadata: map[string]*http.Server{}}, nil
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
func (c *Cloud) NewInstanceID() string {
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

// Boot starts the metadata service of an instance and says what the instance
// finds.
func (c *Cloud) Boot(ctx context.Context, w *world.World, i world.Instance, t world.TemplateVersion) (world.Image, error) {
	address, err := c.serveMetadata(ctx, w, i, t)
	if err != nil {
		return world.Image{}, err
	}
	services, err := servicesOf(w)
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
			"AWS_CA_BUNDLE=" + root,
		},
		Files: map[string][]byte{
			"ca.pem":       c.Authority.PEM(),
			"curl/.curlrc": []byte(curlrc(i.Address, address, services[trustService], root)),
		},
	}, nil
}

// curlrc leads the well-known addresses of a real machine to where they are
// answered here. A service of the instance's own listens at the instance's
// address, which is what localhost means on a machine of its own.
func curlrc(own, metadata, trust, root string) string {
	return fmt.Sprintf(`connect-to = "169.254.169.254:80:%s"
connect-to = "localhost::%s:"
connect-to = "%s:443:%s"
cacert = "%s"
`, metadata, own, trustHost, trust, root)
}

// Forget ends the metadata service of an instance.
func (c *Cloud) Forget(w *world.World, instance string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if server, ok := c.metadata[instance]; ok {
		_ = server.Close() // nobody is left to ask it
		delete(c.metadata, instance)
	}
	w.ForgetPort(metadataKey(instance))
}

func metadataKey(instance string) string { return "metadata/" + instance }

func (c *Cloud) serveMetadata(ctx context.Context, w *world.World, i world.Instance, t world.TemplateVersion) (string, error) {
	cloud, err := state(w)
	if err != nil {
		return "", err
	}
	l, err := w.Listen(metadataKey(i.ID), i.Address)
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler:           metadata.AWS(c.describe(w, cloud, i, t), c.issuer, time.Now),
		ReadHeaderTimeout: 5 * time.Second,
	}
	c.mu.Lock()
	c.metadata[i.ID] = server
	c.mu.Unlock()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	// No other process of this machine may take the instance's credentials.
	guarded := machine.Guard(l, i.ID)
	go func() { _ = server.Serve(guarded) }() // ends by Close alone
	return l.Addr().String(), nil
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
		c.Log.Warn("instance gets no credentials", "instance", i.ID, "reason", err)
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
