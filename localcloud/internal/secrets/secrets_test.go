package secrets_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"orchard/localcloud/internal/secrets"
	"orchard/localcloud/internal/sigv4"
)

const (
	arn   = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1-AbCdEf"
	value = `{"username":"orchard","password":"very secret"}`
)

// serve has one secret that identity "reader" may read. It returns the
// service's log too.
func serve(t *testing.T) (url string, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	s := httptest.NewServer(secrets.Handler(secrets.Config{
		Region: "eu-central-1", Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)),
		Lookup: func(key, token string, _ time.Time) (sigv4.Key, error) {
			if token != "session" {
				return sigv4.Key{}, &sigv4.Error{Code: sigv4.UnknownKey, Reason: "no such key"}
			}
			return sigv4.Key{Secret: "secret", Principal: sigv4.Principal{Identity: key}}, nil
		},
		Authorize: func(p sigv4.Principal, action, resource string, _ bool) error {
			if p.Identity == "reader" && action == "secretsmanager:GetSecretValue" {
				return nil
			}
			return errors.New(p.Identity + " may not " + action + " on " + resource)
		},
		Find: func(id string) (secrets.Secret, error) {
			if id != arn && id != "rds!db-1" {
				return secrets.Secret{}, fs.ErrNotExist
			}
			return secrets.Secret{ARN: arn, Name: "rds!db-1", VersionID: "v1", Value: value, Created: time.Unix(1_700_000_000, 0)}, nil
		},
	}))
	t.Cleanup(s.Close)
	return s.URL, log
}

func client(url, who, secret, session string) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(who, secret, session),
	})
}

func TestSDKReadsASecret(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	for _, id := range []string{arn, "rds!db-1"} {
		got, err := client(url, "reader", "secret", "session").GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
		if err != nil {
			t.Fatal(err)
		}
		if *got.SecretString != value || *got.ARN != arn || *got.VersionId != "v1" || !got.CreatedDate.Equal(time.Unix(1_700_000_000, 0)) {
			t.Errorf("secret %s: got %+v", id, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	url, log := serve(t)
	for name, c := range map[string]struct {
		client *secretsmanager.Client
		id     string
		stage  *string
		want   string
	}{
		"not allowed":    {client(url, "other", "secret", "session"), arn, nil, "AccessDeniedException"},
		"absent":         {client(url, "reader", "secret", "session"), "nothing", nil, "ResourceNotFoundException"},
		"absent, denied": {client(url, "other", "secret", "session"), "nothing", nil, "AccessDeniedException"},
		"previous":       {client(url, "reader", "secret", "session"), arn, aws.String("AWSPREVIOUS"), "ResourceNotFoundException"},
		"wrong secret":   {client(url, "reader", "guess", "session"), arn, nil, "InvalidSignatureException"},
		"wrong token":    {client(url, "reader", "secret", "guess"), arn, nil, "UnrecognizedClientException"},
	} {
		_, err := c.client.GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(c.id), VersionStage: c.stage})
		var answered smithy.APIError
		if !errors.As(err, &answered) || answered.ErrorCode() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	_, err := client(url, "reader", "secret", "session").ListSecrets(context.Background(), &secretsmanager.ListSecretsInput{})
	if err == nil || !strings.Contains(err.Error(), "secretsmanager.ListSecrets") {
		t.Errorf("another operation: got %v, want a refusal by name", err)
	}
	if strings.Contains(log.String(), "very secret") {
		t.Errorf("the log tells the secret: %s", log)
	}
}
