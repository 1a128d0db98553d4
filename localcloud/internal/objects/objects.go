package objects

import (
	"crypto/md5" //nolint:gosec // what S3's ETag is
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"orchard/localcloud/internal/sigv4"
)

// ErrNoBucket is what Config.Find returns for a bucket that does not exist;
// for an object that does not, its error wraps fs.ErrNotExist.
var ErrNoBucket = errors.New("no such bucket")

// Config is what the object store needs to know.
type Config struct {
	Region string
	Lookup sigv4.Lookup
	// Authorize returns nil or an error with the sentence that says what is
	// missing. secure is whether the request came over TLS.
	Authorize func(p sigv4.Principal, action, resource string, secure bool) error
	Find      func(bucket, key string) (file string, err error)
	// Put keeps an object. Its error may be ErrNoBucket, or wrap ErrRefused
	// with the reason.
	Put func(bucket, key string, content []byte) error
	Now func() time.Time
	Log *slog.Logger
}

type server struct{ Config }

// Handler serves objects.
func Handler(c Config) http.Handler { return &server{c} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amz-Request-Id", requestID())
	if err := s.serve(w, r); err != nil {
		s.Log.Info("object refused", "method", r.Method, "path", r.URL.Path, "reason", err)
		write(w, r, err)
	}
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) error {
	bucket, key, err := address(r)
	if err != nil {
		return err
	}
	if r.Method == http.MethodPut {
		return s.put(w, r, bucket, key)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1)) // neither operation has one
	if err != nil || len(body) > 0 {
		return &problem{http.StatusBadRequest, "InvalidRequest", "the request has a body"}
	}
	who, err := sigv4.VerifyRequest(r, nil, "s3", s.Region, s.Lookup, s.Now())
	if err != nil {
		return err
	}
	if err := s.Authorize(who, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key, r.TLS != nil); err != nil {
		return &problem{http.StatusForbidden, "AccessDenied", err.Error()}
	}
	file, err := s.Find(bucket, key)
	if err != nil {
		return s.absent(who, bucket, key, r.TLS != nil, err)
	}
	return send(w, r, file)
}

// address reads /BUCKET/KEY and refuses what is no operation on an object.
func address(r *http.Request) (bucket, key string, err error) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPut {
		return "", "", &problem{http.StatusMethodNotAllowed, "MethodNotAllowed", "only GetObject, HeadObject and PutObject are supported here, not " + r.Method}
	}
	for name := range r.URL.Query() {
		if name != "x-id" {
			return "", "", &problem{http.StatusNotImplemented, "NotImplemented", fmt.Sprintf("the query parameter %q is not supported here", name)}
		}
	}
	if bucket == "" || key == "" {
		return "", "", &problem{http.StatusNotImplemented, "NotImplemented", "only objects are answered here: /BUCKET/KEY"}
	}
	return bucket, key, nil
}

// absent translates the error of Find.
func (s *server) absent(who sigv4.Principal, bucket, key string, secure bool, err error) error {
	switch {
	case errors.Is(err, ErrNoBucket):
		return &problem{http.StatusNotFound, "NoSuchBucket", "the bucket " + bucket + " does not exist"}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("find object %s/%s: %w", bucket, key, err)
	}
	if denied := s.Authorize(who, "s3:ListBucket", "arn:aws:s3:::"+bucket, secure); denied != nil {
		return &problem{http.StatusForbidden, "AccessDenied", denied.Error()}
	}
	return &problem{http.StatusNotFound, "NoSuchKey", "the key " + key + " does not exist"}
}

// send answers with a file, ranges and conditions included.
func send(w http.ResponseWriter, r *http.Request, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open object: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open object: %w", err)
	}
	sum := md5.New() //nolint:gosec // what S3's ETag is
	if _, err := io.Copy(sum, file); err != nil {
		return fmt.Errorf("read object: %w", err)
	}
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum.Sum(nil))+`"`)
	w.Header().Set("Content-Type", "binary/octet-stream")
	w.Header().Set("X-Amz-Server-Side-Encryption", "AES256")
	http.ServeContent(w, r, "", info.ModTime(), file)
	return nil
}

// problem is an error as S3 answers it.
type problem struct {
	status        int
	code, message string
}

func (p *problem) Error() string { return p.code + ": " + p.message }

// write answers an error: XML, or nothing but the status to a HEAD.
func write(w http.ResponseWriter, r *http.Request, err error) {
	p := translate(err)
	body, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		Resource  string
		RequestID string `xml:"RequestId"`
	}{Code: p.code, Message: p.message, Resource: r.URL.Path, RequestID: w.Header().Get("X-Amz-Request-Id")})
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(p.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(append([]byte(xml.Header), body...)) // a client that has gone needs no answer
	}
}

// spellings are S3's words for signature errors, where they differ.
var spellings = map[sigv4.Code]string{
	sigv4.Missing:    "AccessDenied",
	sigv4.Incomplete: "AuthorizationHeaderMalformed",
	sigv4.UnknownKey: "InvalidAccessKeyId",
}

func translate(err error) *problem {
	var p *problem
	var refusal *sigv4.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		status := http.StatusForbidden
		if refusal.Code == sigv4.Incomplete || refusal.Code == sigv4.Expired || refusal.Code == sigv4.BodyMismatch {
			status = http.StatusBadRequest
		}
		code := string(refusal.Code)
		if spelling, ok := spellings[refusal.Code]; ok {
			code = spelling
		}
		return &problem{status, code, refusal.Reason}
	}
	return &problem{http.StatusInternalServerError, "InternalError", "we encountered an internal error"}
}

func requestID() string { return rand.Text()[:16] }
