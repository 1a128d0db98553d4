package keyvault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"orchard/localcloud/internal/entra"
)

// Domain is what the host name of every vault ends with, after a dot.
const Domain = "vault.azure.net"

// Resource is what a token must be for.
const Resource = "https://vault.azure.net"

// ReadAction is the data action of a role that reading a secret asks for.
// Source: Azure built-in roles for security, Key Vault Secrets User.
const ReadAction = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

// versions are those of the interface that are answered.
var versions = []string{"7.3", "7.4", "7.5", "7.6"}

// Address names a secret.
type Address struct{ Vault, Name string }

// Secret is the current version of a secret.
type Secret struct {
	Value, ContentType string
	Version            string
	Created            time.Time
}

// Config is what the service needs to know.
type Config struct {
	Issuer *entra.Issuer
	Tenant string // named to callers that have no token
	// Authorize returns nil or an error with the sentence that says what is
	// missing for ReadAction on a secret.
	Authorize func(r *http.Request, who entra.Claims, secret Address) error
	Find      func(secret Address) (Secret, error) // its error wraps fs.ErrNotExist
	Now       func() time.Time
	Log       *slog.Logger
}

type server struct{ Config }

// Handler serves secrets.
func Handler(c Config) http.Handler { return &server{c} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	answer, err := s.serve(r)
	if err == nil {
		_ = json.NewEncoder(w).Encode(answer) // a client that has gone needs no answer
		return
	}
	s.Log.Info("secret refused", "host", r.Host, "path", r.URL.Path, "reason", err)
	p := translate(err)
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer authorization=\"https://login.microsoftonline.com/%s\", resource=\"%s\"", s.Tenant, Resource))
	}
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": p.code, "message": p.message}})
}

// answer is the body of a successful Get Secret. Times are Unix seconds.
type answer struct {
	Value       string     `json:"value"`
	ContentType string     `json:"contentType"`
	ID          string     `json:"id"`
	Attributes  attributes `json:"attributes"`
}

type attributes struct {
	Enabled bool  `json:"enabled"`
	Created int64 `json:"created"`
	Updated int64 `json:"updated"`
}

func (s *server) serve(r *http.Request) (*answer, error) {
	at, version, err := address(r)
	if err != nil {
		return nil, err
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, &problem{http.StatusUnauthorized, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token."}
	}
	who, err := s.Issuer.Verify(token, Resource, s.Now())
	if err != nil {
		return nil, &problem{http.StatusUnauthorized, "Unauthorized", "[BearerReadAccessTokenFailed] Error validating token: " + err.Error()}
	}
	if err := s.Authorize(r, who, at); err != nil {
		return nil, &problem{http.StatusForbidden, "Forbidden", err.Error()}
	}
	found, err := s.Find(at)
	if err == nil && version != "" && version != found.Version {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &problem{http.StatusNotFound, "SecretNotFound", "A secret with (name/id) " + at.Name + " was not found in this key vault."}
	}
	if err != nil {
		return nil, err
	}
	return &answer{
		Value: found.Value, ContentType: found.ContentType, ID: fmt.Sprintf("https://%s.%s/secrets/%s/%s", at.Vault, Domain, at.Name, found.Version),
		Attributes: attributes{true, found.Created.Unix(), found.Created.Unix()},
	}, nil
}

// address reads the vault from the host and the secret from the path, and
// refuses what is not Get Secret.
func address(r *http.Request) (at Address, version string, err error) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	vault, domain, _ := strings.Cut(strings.ToLower(host), ".")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case domain != Domain:
		return at, "", &problem{http.StatusBadRequest, "BadParameter", "the host is not that of a vault: " + r.Host}
	case r.Method != http.MethodGet || len(parts) < 2 || len(parts) > 3 || parts[0] != "secrets":
		return at, "", &problem{http.StatusMethodNotAllowed, "MethodNotAllowed", "secrets are read here, GET /secrets/NAME: " + r.Method + " " + r.URL.Path + " is not supported"}
	case !slices.Contains(versions, r.URL.Query().Get("api-version")):
		return at, "", &problem{http.StatusBadRequest, "BadParameter", "api-version must be one of " + strings.Join(versions, ", ")}
	}
	if len(parts) == 3 {
		version = parts[2]
	}
	return Address{vault, parts[1]}, version, nil
}

// problem is an error as the service answers it.
type problem struct {
	status        int
	code, message string
}

func (p *problem) Error() string { return p.code + ": " + p.message }

func translate(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	return &problem{http.StatusInternalServerError, "InternalServerError", "The server encountered an internal error."}
}
