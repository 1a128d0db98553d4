package azurecloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"orchard/localcloud/internal/blobs"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/keyvault"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// The services of the region that instances ask, each at an address of its own.
const (
	blobService  = "blobs"
	vaultService = "vaults"
)

func (c *Cloud) services(w *world.World) []cloudservice.Service {
	return []cloudservice.Service{
		{Key: blobService, Number: 4, Destination: world.DestObjects, Names: []string{"*." + blobs.Domain}, Handler: c.blobs(w)},
		{Key: vaultService, Number: 6, Destination: world.DestSecrets, Names: []string{"*." + keyvault.Domain}, Handler: c.vaults(w)},
	}
}

// Serve answers for the services of a world until ctx ends.
func (c *Cloud) Serve(ctx context.Context, w *world.World) error {
	for _, s := range c.services(w) {
		if err := cloudservice.Serve(ctx, w, c.Authority, c.Log, s); err != nil {
			return err
		}
	}
	return nil
}

// known says whether tokens are given for a resource: for the services that
// are answered here, and for no other.
func known(resource string) bool {
	return entra.SameResource(resource, blobs.Resource) || entra.SameResource(resource, keyvault.Resource) || entra.SameResource(resource, databaseResource) ||
		strings.HasPrefix(resource, "https://") && strings.HasSuffix(strings.TrimSuffix(resource, "/"), "."+blobs.Domain)
}

// blobs answers Blob Storage from the accounts that are declared at the moment.
func (c *Cloud) blobs(w *world.World) http.Handler {
	return c.current(w, func(cloud azure.Cloud) http.Handler {
		return blobs.Handler(blobs.Config{
			Issuer: c.issuer, Tenant: cloud.TenantID, Now: time.Now, Log: c.Log,
			Authorize: func(r *http.Request, who entra.Claims, action string, blob blobs.Address) error {
				return authorize(w, cloud, r, who, action, blob)
			},
			Find: func(blob blobs.Address) (blobs.Blob, error) { return c.find(w, cloud, blob) },
			Put:  func(blob blobs.Address, content io.Reader) error { return keep(w, cloud, blob, content) },
		})
	})
}

// find looks for what the program declares, then for what instances have put.
func (c *Cloud) find(w *world.World, cloud azure.Cloud, at blobs.Address) (blobs.Blob, error) {
	container := at.Account + "/" + at.Container
	if _, ok := cloud.Containers[container]; !ok {
		return blobs.Blob{}, blobs.ErrNoContainer
	}
	if blob, ok := cloud.Blobs[container+"/"+at.Name]; ok {
		return blobs.Blob{File: filepath.Join(c.Blobs, blob.SHA256), ContentType: blob.ContentType, ETag: blob.ETag}, nil
	}
	file, err := w.Uploads().Find(container, at.Name)
	return blobs.Blob{File: file, ContentType: "application/octet-stream", ETag: "0x" + guid(file)[:8]}, err
}

// keep is for a blob of an instance. What the program declares is the engine's
// to change.
func keep(w *world.World, cloud azure.Cloud, at blobs.Address, content io.Reader) error {
	container := at.Account + "/" + at.Container
	if _, ok := cloud.Containers[container]; !ok {
		return blobs.ErrNoContainer
	}
	if _, ok := cloud.Blobs[container+"/"+at.Name]; ok {
		return fmt.Errorf("%w: localcloud does not let instances replace %s, which the program declares", blobs.ErrRefused, at.Name)
	}
	err := w.Uploads().Put(container, at.Name, content)
	if errors.Is(err, uploads.ErrLongKey) {
		return fmt.Errorf("%w: %w", blobs.ErrRefused, err)
	}
	return err
}

// current makes a handler for each request, from what is declared then.
func (c *Cloud) current(w *world.World, make func(azure.Cloud) http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		cloud, err := state(w)
		if err != nil {
			c.Log.Error("cannot read the world", "error", err)
			http.Error(rw, "internal error", http.StatusInternalServerError)
			return
		}
		make(cloud).ServeHTTP(rw, r)
	})
}

// authorize decides as Azure does: the account's network rules first, then the
// role assignments at the container and above it.
func authorize(w *world.World, cloud azure.Cloud, r *http.Request, who entra.Claims, action string, blob blobs.Address) error {
	account, ok := cloud.Accounts[blob.Account]
	if !ok {
		return blobs.ErrNoAccount
	}
	caller, err := cloudservice.Caller(r)
	if err != nil {
		return err
	}
	err = mayEnter(w, account, caller)
	if err == nil {
		err = mayDo(cloud, who, action, containerID(account, blob.Container))
	}
	if err != nil {
		w.Refused(caller, err.Error())
	}
	return err
}

// mayEnter asks the account's network rules. A process that is no instance's
// is in no subnet, and they do not speak of it.
func mayEnter(w *world.World, account azure.Account, caller string) error {
	i, ok := w.Instance(caller)
	if !ok {
		return nil
	}
	for set, why := range account.Refused {
		if azure.SameID(set, i.Identity) {
			return fmt.Errorf("%w: %s", blobs.ErrNetwork, why)
		}
	}
	return nil
}

func containerID(account azure.Account, container string) string {
	return account.ID + "/blobServices/default/containers/" + container
}

// identityOf is the identity that a token is of. One of another stack is not
// known here.
func identityOf(cloud azure.Cloud, who entra.Claims) (azure.Identity, error) {
	for _, identity := range cloud.Identities {
		if identity.PrincipalID == who.ObjectID && identity.TenantID == who.TenantID {
			return identity, nil
		}
	}
	return azure.Identity{}, errors.New("the identity of the token does not exist in this stack")
}
