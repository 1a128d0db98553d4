package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/jackc/pgx/v5"
)

const (
	// entraScope is what Azure Database for PostgreSQL takes tokens of, for
	// every server of the public cloud.
	entraScope = "https://ossrdbms-aad.database.windows.net/.default"
	// entraTimeout bounds the wait for a token, the SDK's tries after 2 s and
	// 6 s included. The SDK keeps a token until half its life is over, so few
	// connections wait at all.
	entraTimeout = 10 * time.Second
)

// entraToken signs in with a token of the managed identity with this client
// id, which the machine's metadata service gives. The user is the URL's: the
// role that the identity is mapped to. A server looks at the token only while
// a connection is made.
func entraToken(clientID string) (credentials, error) {
	identity, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ClientID(clientID)})
	if err != nil {
		return nil, fmt.Errorf("use managed identity %s: %w", clientID, err)
	}
	return func(ctx context.Context, conn *pgx.ConnConfig) error {
		if conn.TLSConfig == nil {
			return errors.New("fetch database token: the connection has no TLS; use sslmode=verify-full")
		}
		ctx, cancel := context.WithTimeout(ctx, entraTimeout)
		defer cancel()
		token, err := identity.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{entraScope}})
		if err != nil {
			return fmt.Errorf("fetch database token of managed identity %s: %w", clientID, err)
		}
		conn.Password = token.Token
		return nil
	}, nil
}
