package azurecloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/postgres"
	"orchard/localcloud/internal/provider/azure"
	"orchard/localcloud/internal/world"
)

// databaseResource is what a token for a database login must be for.
const databaseResource = "https://ossrdbms-aad.database.windows.net"

// Login decides as a flexible server does. Where a token is the password, the
// role must be the principal's own: an administrator's by its name, any other
// by the mapping that SQL has made. A password of SQL's counts only where
// password authentication is enabled.
func (c *Cloud) Login(ctx context.Context, w *world.World, db world.Database, login postgres.Login) error {
	cloud, err := state(w)
	if err != nil {
		return err
	}
	access := cloud.Databases[db.ID]
	if !access.EntraAuth || access.PasswordAuth && !isToken(login.Password) {
		return passwordLogin(ctx, w, access, db, login)
	}
	who, err := c.issuer.Verify(login.Password, databaseResource, time.Now())
	if err != nil {
		return fmt.Errorf("user %s: %w", login.User, err)
	}
	err = mayConnect(cloud, access, who, login.User, func() (string, error) { return principalOf(ctx, w, db, login.User) })
	if err != nil {
		w.RefusedOn(login.Conn, err.Error())
	}
	return err
}

// isToken tells a token from a password by its form.
func isToken(password string) bool {
	return strings.HasPrefix(password, "ey") && strings.Count(password, ".") == 2
}

func passwordLogin(ctx context.Context, w *world.World, access azure.DatabaseAccess, db world.Database, login postgres.Login) error {
	if !access.PasswordAuth {
		return fmt.Errorf("user %s: neither Entra nor password authentication is enabled on server %s", login.User, access.Name)
	}
	role, err := w.DatabaseRole(ctx, db.ID, login.User)
	if err != nil {
		return err
	}
	return role.CheckPassword(login.Password)
}

// mayConnect decides for the principal of a token. mapped answers the object id
// that a role is mapped to.
func mayConnect(cloud azure.Cloud, access azure.DatabaseAccess, who entra.Claims, user string, mapped func() (string, error)) error {
	identity, err := identityOf(cloud, who)
	if err != nil {
		return err
	}
	if !strings.EqualFold(identity.TenantID, access.TenantID) {
		return fmt.Errorf("identity %s is of tenant %s, and server %s accepts those of %s", identity.Name, identity.TenantID, access.Name, access.TenantID)
	}
	for _, a := range access.Administrators {
		if a.Name == user {
			return same(identity, user, a.ObjectID)
		}
	}
	object, err := mapped()
	if err != nil {
		return err
	}
	return same(identity, user, object)
}

func same(identity azure.Identity, user, object string) error {
	if !strings.EqualFold(identity.PrincipalID, object) {
		return fmt.Errorf("role %s is of the principal %s, and the token is of identity %s (%s)", user, object, identity.Name, identity.PrincipalID)
	}
	return nil
}

// principalOf is the object id of the principal that a role is mapped to.
func principalOf(ctx context.Context, w *world.World, db world.Database, role string) (string, error) {
	var object string
	err := w.AskDatabase(ctx, db.ID, principalQuery, []any{role}, &object)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("role %s is of no principal: make it with pgaadauth_create_principal_with_oid", role)
	}
	return object, err
}
