package azurecloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"orchard/localcloud/internal/blobs"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/world"
)

// The services of the region that instances ask, each at an address of its own.
const blobService = "blobs"

func (c *Cloud) services(w *world.World) []cloudservice.Service {
	return []cloudservice.Service{
		{Key: blobService, Number: 4, Destination: world.DestObjects, Names: []string{"*." + blobs.Domain}, Handler: c.blobs(w)},
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
	return entra.SameResource(resource, blobs.Resource) || entra.SameResource(resource, databaseResource) ||
		strings.HasPrefix(resource, "https://") && strings.HasSuffix(strings.TrimSuffix(resource, "/"), "."+blobs.Domain)
}

// blobs answers Blob Storage from the accounts that are declared at the moment.
func (c *Cloud) blobs(w *world.World) http.Handler {
	return c.current(w, func(cloud azure.Cloud) http.Handler {
		return blobs.Handler(blobs.Config{
			Issuer: c.issuer, Tenant: cloud.TenantID, Now: time.Now, Log: c.Log,
			Authorize: func(r *http.Request, who entra.Claims, blob blobs.Address) error {
				return authorize(w, cloud, r, who, blob)
			},
			Find: func(blob blobs.Address) (blobs.Blob, error) { return c.find(cloud, blob) },
		})
	})
}

func (c *Cloud) find(cloud azure.Cloud, at blobs.Address) (blobs.Blob, error) {
	container := at.Account + "/" + at.Container
	if _, ok := cloud.Containers[container]; !ok {
		return blobs.Blob{}, blobs.ErrNoContainer
	}
	blob, ok := cloud.Blobs[container+"/"+at.Name]
	if !ok {
		return blobs.Blob{}, fmt.Errorf("blob %s in container %s: %w", at.Name, container, fs.ErrNotExist)
	}
	return blobs.Blob{File: filepath.Join(c.Blobs, blob.SHA256), ContentType: blob.ContentType, ETag: blob.ETag}, nil
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
func authorize(w *world.World, cloud azure.Cloud, r *http.Request, who entra.Claims, blob blobs.Address) error {
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
		err = mayRead(cloud, who, containerID(account, blob.Container))
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

// readers are the role definitions whose data actions include reading blobs.
var readers = map[string]string{
	"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
	"ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
	"b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
}

// mayRead says what is missing where a principal has no role that reads blobs
// at a scope.
func mayRead(cloud azure.Cloud, who entra.Claims, scope string) error {
	identity, err := identityOf(cloud, who)
	if err != nil {
		return err
	}
	for _, a := range cloud.RoleAssignments {
		_, reads := readers[strings.ToLower(a.Role)]
		if reads && strings.EqualFold(a.PrincipalID, identity.PrincipalID) && azure.Within(scope, a.Scope) {
			return nil
		}
	}
	return fmt.Errorf("identity %s may not read blobs at %s: it has no role assignment there or above that allows it, such as Storage Blob Data Reader", identity.Name, scope)
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
