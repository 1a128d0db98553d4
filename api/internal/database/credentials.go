package database

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/jackc/pgx/v5"

	"orchard/api/internal/settings"
)

// credentials puts what a new connection signs in with into its config. It is
// called before each new connection, so a rotation needs no restart.
type credentials func(ctx context.Context, conn *pgx.ConnConfig) error

func newCredentials(ctx context.Context, s settings.Database) (credentials, error) {
	switch s.Auth {
	case settings.AuthPassword:
		return nil, nil
	case settings.AuthEntra:
		return entraToken(s.ClientID)
	}
	sdk, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	if sdk.Region == "" {
		return nil, errors.New("load AWS configuration: no region; set AWS_REGION")
	}
	if s.Auth == settings.AuthAWSIAM {
		return iamToken(sdk), nil
	}
	return managedSecret(secretsmanager.NewFromConfig(sdk), s.Secret), nil
}

// iamToken signs an RDS authentication token: computed here, valid 15 minutes,
// checked by the server only while a connection is made.
func iamToken(sdk aws.Config) credentials {
	return func(ctx context.Context, conn *pgx.ConnConfig) error {
		if conn.TLSConfig == nil {
			return errors.New("sign database token: the connection has no TLS; use sslmode=verify-full")
		}
		endpoint := net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port)))
		token, err := auth.BuildAuthToken(ctx, endpoint, sdk.Region, conn.User, sdk.Credentials)
		if err != nil {
			return fmt.Errorf("sign database token: %w", err)
		}
		conn.Password = token
		return nil
	}
}

func managedSecret(client *secretsmanager.Client, arn string) credentials {
	return func(ctx context.Context, conn *pgx.ConnConfig) error {
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
		if err != nil {
			return fmt.Errorf("read database secret: %w", err)
		}
		user, password, err := parseSecret(aws.ToString(out.SecretString))
		if err != nil {
			return fmt.Errorf("read database secret %s: %w", arn, err)
		}
		conn.User, conn.Password = user, password
		return nil
	}
}

func parseSecret(text string) (user, password string, err error) {
	var secret struct{ Username, Password string }
	if json.Unmarshal([]byte(text), &secret) != nil || secret.Username == "" || secret.Password == "" {
		// The text is a secret: neither it nor the decoder's complaint is repeated.
		return "", "", errors.New("it is not a JSON object with username and password")
	}
	return secret.Username, secret.Password, nil
}
