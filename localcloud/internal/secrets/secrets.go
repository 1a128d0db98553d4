package secrets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"orchard/localcloud/internal/sigv4"
)

// Secret is the current version of a secret.
type Secret struct {
	ARN, Name, VersionID string
	Value                string
	Created              time.Time
}

// Config is what the handler needs to know.
type Config struct {
	Region string
	Lookup sigv4.Lookup
	// Authorize returns nil or an error with the sentence that says what is
	// missing. secure is whether the request came over TLS.
	Authorize func(p sigv4.Principal, action, resource string, secure bool) error
	Find      func(id string) (Secret, error) // by ARN or name; wraps fs.ErrNotExist
	Now       func() time.Time
	Log       *slog.Logger
}

// maxBody is more than any request needs that is answered here.
const maxBody = 64 << 10

const target = "secretsmanager.GetSecretValue"

type server struct{ Config }

// Handler serves secrets.
func Handler(c Config) http.Handler { return &server{c} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	answer, err := s.serve(r)
	if err == nil {
		_ = json.NewEncoder(w).Encode(answer) // a client that has gone needs no answer
		return
	}
	s.Log.Info("secret refused", "reason", err)
	p := translate(err)
	w.Header().Set("X-Amzn-Errortype", p.kind)
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": p.kind, "Message": p.message})
}

// answer is the body of a successful GetSecretValue.
type answer struct {
	ARN           string
	Name          string
	VersionId     string //nolint:revive // the name on the wire
	SecretString  string
	VersionStages []string
	CreatedDate   float64 // seconds since 1970
}

func (s *server) serve(r *http.Request) (*answer, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, &problem{http.StatusBadRequest, "ValidationException", "the body cannot be read, or is too large"}
	}
	who, err := sigv4.VerifyRequest(r, body, "secretsmanager", s.Region, s.Lookup, s.Now())
	if err != nil {
		return nil, err
	}
	if got := r.Header.Get("X-Amz-Target"); r.Method != http.MethodPost || got != target {
		return nil, &problem{http.StatusBadRequest, "UnknownOperationException", fmt.Sprintf("the operation %q is not supported here", got)}
	}
	id, err := parse(body)
	if err != nil {
		return nil, err
	}
	return s.read(who, id, r.TLS != nil)
}

func (s *server) read(who sigv4.Principal, id string, secure bool) (*answer, error) {
	secret, err := s.Find(id)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return nil, fmt.Errorf("find secret: %w", err)
	}
	resource := secret.ARN
	if missing {
		resource = id
	}
	if err := s.Authorize(who, "secretsmanager:GetSecretValue", resource, secure); err != nil {
		return nil, &problem{http.StatusBadRequest, "AccessDeniedException", err.Error()}
	}
	if missing {
		return nil, &problem{http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."}
	}
	return &answer{
		ARN: secret.ARN, Name: secret.Name, VersionId: secret.VersionID, SecretString: secret.Value,
		VersionStages: []string{"AWSCURRENT"}, CreatedDate: float64(secret.Created.UnixMilli()) / 1000,
	}, nil
}

// parse reads the request; only the current version can be asked for.
func parse(body []byte) (id string, err error) {
	var request struct{ SecretId, VersionStage string } //nolint:revive // the names on the wire
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&request); err != nil {
		return "", &problem{http.StatusBadRequest, "ValidationException", strings.TrimPrefix(err.Error(), "json: ")}
	}
	if request.SecretId == "" {
		return "", &problem{http.StatusBadRequest, "ValidationException", "SecretId is missing"}
	}
	if request.VersionStage != "" && request.VersionStage != "AWSCURRENT" {
		return "", &problem{http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: " + request.VersionStage}
	}
	return request.SecretId, nil
}

// problem is an error as the service answers it.
type problem struct {
	status        int
	kind, message string
}

func (p *problem) Error() string { return p.kind + ": " + p.message }

// spellings are the JSON services' words for signature errors.
var spellings = map[sigv4.Code]string{
	sigv4.Missing:      "MissingAuthenticationTokenException",
	sigv4.Incomplete:   "IncompleteSignatureException",
	sigv4.UnknownKey:   "UnrecognizedClientException",
	sigv4.Expired:      "ExpiredTokenException",
	sigv4.Skewed:       "InvalidSignatureException",
	sigv4.NoMatch:      "InvalidSignatureException",
	sigv4.BodyMismatch: "InvalidSignatureException",
}

func translate(err error) *problem {
	var p *problem
	var refusal *sigv4.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return &problem{http.StatusBadRequest, spellings[refusal.Code], refusal.Reason}
	}
	return &problem{http.StatusInternalServerError, "InternalServiceError", "An error occurred on the server side."}
}
