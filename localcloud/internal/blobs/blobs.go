package blobs

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"orchard/localcloud/internal/entra"
)

// Domain is what the host name of every account ends with, after a dot.
const Domain = "blob.core.windows.net"

// Resource is what a token must be for, unless it is for the account itself.
const Resource = "https://storage.azure.com"

// The data actions of a role that the service asks for.
// Source: Blob Storage REST interface, permissions of Get Blob and Put Blob.
const (
	ReadAction  = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
	WriteAction = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"
)

// oldest is the first version of the interface that knows access tokens.
const oldest = "2017-11-09"

// Errors that the functions of Config answer; for a blob that does not exist,
// one that wraps fs.ErrNotExist.
var (
	ErrNoAccount   = errors.New("no such storage account")
	ErrNoContainer = errors.New("no such container")
	ErrNetwork     = errors.New("the network rules of the account do not let the caller in")
)

// Address names a blob.
type Address struct{ Account, Container, Name string }

// Blob is a blob's content and what is told of it.
type Blob struct{ File, ContentType, ETag string }

// Config is what the blob service needs to know.
type Config struct {
	Issuer *entra.Issuer
	Tenant string // named to callers that have no token
	// Authorize returns nil or an error with the sentence that says what is
	// missing for an action on a blob, ReadAction or WriteAction. It may be
	// ErrNoAccount or wrap ErrNetwork.
	Authorize func(r *http.Request, who entra.Claims, action string, blob Address) error
	Find      func(blob Address) (Blob, error)
	// Put keeps a blob. Its error may be ErrNoContainer, or wrap ErrRefused
	// with the reason.
	Put func(blob Address, content io.Reader) error
	Now func() time.Time
	Log *slog.Logger
}

type server struct{ Config }

// Handler serves blobs.
func Handler(c Config) http.Handler { return &server{c} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Request-Id", requestID())
	if version := r.Header.Get("X-Ms-Version"); version != "" {
		w.Header().Set("X-Ms-Version", version)
	}
	if err := s.serve(w, r); err != nil {
		s.Log.Info("blob refused", "method", r.Method, "host", r.Host, "path", r.URL.Path, "reason", err)
		s.write(w, r, err)
	}
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) error {
	blob, err := address(r)
	if err != nil {
		return err
	}
	who, err := s.authenticate(r, blob.Account)
	if err != nil {
		return err
	}
	action := ReadAction
	if r.Method == http.MethodPut {
		action = WriteAction
	}
	if err := s.Authorize(r, who, action, blob); err != nil {
		return refused(err)
	}
	if r.Method == http.MethodPut {
		return s.put(w, r, blob)
	}
	found, err := s.Find(blob)
	if err != nil {
		return err
	}
	return send(w, r, found)
}

// address reads the account from the host and the rest from the path, and
// refuses what is no operation on a blob as a whole.
func address(r *http.Request) (Address, error) {
	account, domain, _ := strings.Cut(hostOf(r), ".")
	container, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !strings.EqualFold(domain, Domain) {
		return Address{}, &problem{http.StatusBadRequest, "InvalidUri", "the host is not that of an account: " + r.Host}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPut {
		return Address{}, &problem{http.StatusMethodNotAllowed, "UnsupportedHttpVerb", "blobs are read and put here: " + r.Method + " is not supported"}
	}
	for parameter := range r.URL.Query() {
		if parameter != "timeout" {
			return Address{}, &problem{http.StatusBadRequest, "UnsupportedQueryParameter", fmt.Sprintf("the query parameter %q is not supported here", parameter)}
		}
	}
	if container == "" || name == "" {
		return Address{}, &problem{http.StatusBadRequest, "InvalidUri", "only blobs are answered here: /CONTAINER/NAME"}
	}
	return Address{Account: strings.ToLower(account), Container: container, Name: name}, nil
}

func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

// authenticate finds out who asks.
func (s *server) authenticate(r *http.Request, account string) (entra.Claims, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case scheme == "":
		return entra.Claims{}, &problem{http.StatusConflict, "PublicAccessNotPermitted", "Public access is not permitted on this storage account."}
	case !strings.EqualFold(scheme, "Bearer"):
		return entra.Claims{}, &problem{http.StatusForbidden, "AuthenticationFailed", "only access tokens (Bearer) are accepted here, not " + scheme}
	case r.Header.Get("X-Ms-Version") < oldest:
		return entra.Claims{}, &problem{http.StatusForbidden, "AuthenticationFailed", "Authentication scheme Bearer is not supported in this version: x-ms-version must be " + oldest + " or later"}
	}
	who, err := s.Issuer.Verify(token, Resource, s.Now())
	if errors.Is(err, entra.ErrAudience) {
		who, err = s.Issuer.Verify(token, "https://"+account+"."+Domain, s.Now())
	}
	if err != nil {
		return entra.Claims{}, &problem{http.StatusUnauthorized, "InvalidAuthenticationInfo", "Server failed to authenticate the request: " + err.Error()}
	}
	return who, nil
}

// send answers with a blob, ranges and conditions included.
func send(w http.ResponseWriter, r *http.Request, blob Blob) error {
	file, err := os.Open(blob.File)
	if err != nil {
		return fmt.Errorf("open blob: %s", err) //nolint:errorlint // a lost file is no absent blob
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open blob: %w", err)
	}
	if asked := r.Header.Get("X-Ms-Range"); asked != "" {
		r.Header.Set("Range", asked)
	}
	w.Header().Set("ETag", `"`+strings.Trim(blob.ETag, `"`)+`"`)
	w.Header().Set("Content-Type", blob.ContentType)
	w.Header().Set("X-Ms-Blob-Type", "BlockBlob")
	http.ServeContent(w, r, "", info.ModTime(), file)
	return nil
}

// refused translates an error of Authorize.
func refused(err error) error {
	switch {
	case errors.Is(err, ErrNoAccount):
		return err
	case errors.Is(err, ErrNetwork):
		return &problem{http.StatusForbidden, "AuthorizationFailure", err.Error()}
	}
	return &problem{http.StatusForbidden, "AuthorizationPermissionMismatch", err.Error()}
}

// absent translates an error of Find.
func absent(err error) *problem {
	switch {
	case errors.Is(err, ErrNoAccount):
		return &problem{http.StatusNotFound, "ResourceNotFound", "The specified account does not exist."}
	case errors.Is(err, ErrNoContainer):
		return &problem{http.StatusNotFound, "ContainerNotFound", "The specified container does not exist."}
	case errors.Is(err, fs.ErrNotExist):
		return &problem{http.StatusNotFound, "BlobNotFound", "The specified blob does not exist."}
	}
	return &problem{http.StatusInternalServerError, "InternalError", "The server encountered an internal error."}
}

func requestID() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails: see crypto/rand
	text := hex.EncodeToString(random[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
