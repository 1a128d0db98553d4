package azurecloud

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/keyvault"
	"orchard/localcloud/internal/metadata"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/world"
)

// Config is what the cloud needs from its daemon.
type Config struct {
	Authority *authority.Authority
	Key       []byte // tokens are signed with a key derived from it; at least 32 bytes
	Blobs     string // folder of blob contents, by SHA-256
	Log       *slog.Logger
}

// Cloud is Azure for the worlds of one daemon.
type Cloud struct {
	Config
	issuer   *entra.Issuer
	metadata cloudservice.Metadata
	events   events

	certificates certificates
}

// New makes the cloud.
func New(c Config) (*Cloud, error) {
	issuer, err := entra.NewIssuer(c.Key)
	if err != nil {
		return nil, err
	}
	return &Cloud{Config: c, issuer: issuer}, nil
}

// Declare translates a world's resources.
func (c *Cloud) Declare(resources []world.Resource) (world.Declared, error) {
	declared, _, err := azure.Declare(resources)
	return declared, err
}

// state is what Azure alone knows of a world, now.
func state(w *world.World) (azure.Cloud, error) {
	_, cloud, err := azure.Declare(w.Resources())
	return cloud, err
}

// NewInstanceID is a name as a Flexible scale set gives its machines: its own
// and six characters.
func (c *Cloud) NewInstanceID(g world.Group) string {
	return g.Name + "_" + strings.ToLower(rand.Text()[:6])
}

// Boot starts the metadata service of an instance and says what the instance
// finds. The programs that PATH does not bring to every machine are those of
// systemd alone.
func (c *Cloud) Boot(ctx context.Context, w *world.World, i world.Instance, _ world.TemplateVersion) (world.Image, error) {
	cloud, err := state(w)
	if err != nil {
		return world.Image{}, err
	}
	address, err := c.metadata.Serve(ctx, w, i, metadata.Azure(c.describe(w, cloud, i)))
	if err != nil {
		return world.Image{}, err
	}
	services, err := cloudservice.Addresses(w, c.services(w))
	if err != nil {
		return world.Image{}, err
	}
	leads := map[string]string{}
	for _, account := range cloud.Accounts {
		leads[account.BlobHost] = services[blobService]
	}
	for _, vault := range cloud.Vaults() {
		leads[vault+"."+keyvault.Domain] = services[vaultService]
	}
	root := filepath.Join(w.InstanceFolder(i.ID), "ca.pem")
	return world.Image{
		Commands: []string{"systemctl"},
		Env: []string{
			"HTTP_PROXY=http://" + address,
			"NO_PROXY=localhost,127.0.0.0/8",
			"SSL_CERT_FILE=" + root,
		},
		Files: map[string][]byte{
			"ca.pem":       c.Authority.PEM(),
			"curl/.curlrc": []byte(cloudservice.Curlrc(i.Address, address, root, leads)),
		},
	}, nil
}

// Forget ends the metadata service of an instance.
func (c *Cloud) Forget(w *world.World, instance string) {
	c.metadata.Forget(w, instance)
	c.events.forget(instance)
}

func (c *Cloud) describe(w *world.World, cloud azure.Cloud, i world.Instance) metadata.AzureConfig {
	set := cloud.ScaleSets[i.Identity]
	return metadata.AzureConfig{
		Instance: metadata.AzureInstance{
			Name: i.ID, VMID: guid(i.ID), Location: cloud.Location, Zone: i.Zone[strings.LastIndex(i.Zone, "-")+1:],
			Address: i.Address, SubscriptionID: cloud.SubscriptionID, ResourceGroup: set.ResourceGroup,
			ScaleSet: set.Name, VMSize: set.VMSize,
		},
		Issuer: c.issuer, Events: c.events.of(i.ID), Now: time.Now, Resource: known,
		Identities: func() ([]entra.Identity, error) { return c.assigned(w, i) },
	}
}

// assigned are the identities that an instance's scale set has at the moment.
func (c *Cloud) assigned(w *world.World, i world.Instance) ([]entra.Identity, error) {
	cloud, err := state(w)
	if err != nil {
		c.Log.Error("cannot read the world", "error", err)
		return nil, err
	}
	var out []entra.Identity
	for _, id := range cloud.ScaleSets[i.Identity].Identities {
		for _, identity := range cloud.Identities {
			if azure.SameID(identity.ID, id) {
				out = append(out, entra.Identity{
					TenantID: identity.TenantID, ClientID: identity.ClientID,
					PrincipalID: identity.PrincipalID, ResourceID: identity.ID,
				})
			}
		}
	}
	return out, nil
}

// guid is one that a text always has.
func guid(text string) string {
	sum := sha256.Sum256([]byte(text))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80 // as if random, RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
