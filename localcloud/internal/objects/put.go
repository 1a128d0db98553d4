package objects

import (
	"crypto/md5" //nolint:gosec // what S3's ETag is
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"orchard/localcloud/internal/sigv4"
)

// MaxPut is what an object that is put may have, in bytes. S3 itself takes
// 5 GB; here the body is held in memory until its signature is checked.
const MaxPut = 16 << 20

// ErrRefused is what an error of Config.Put wraps that the caller is to read.
var ErrRefused = errors.New("the object cannot be kept")

// unsupported are headers that would change what a PutObject does.
var unsupported = []string{"If-Match", "If-None-Match", "X-Amz-Copy-Source", "Content-Encoding", "X-Amz-Acl", "X-Amz-Tagging", "X-Amz-Storage-Class"}

func (s *server) put(w http.ResponseWriter, r *http.Request, bucket, key string) error {
	for _, name := range unsupported {
		if r.Header.Get(name) != "" {
			return &problem{http.StatusNotImplemented, "NotImplemented", "the header " + name + " is not supported here"}
		}
	}
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return &problem{http.StatusNotImplemented, "NotImplemented", "a body in signed chunks is not supported here"}
	}
	content, err := io.ReadAll(io.LimitReader(r.Body, MaxPut+1))
	if err != nil {
		return &problem{http.StatusBadRequest, "IncompleteBody", "the body ended early"}
	}
	if len(content) > MaxPut {
		return &problem{http.StatusBadRequest, "EntityTooLarge", fmt.Sprintf("an object that is put may have %d bytes here", MaxPut)}
	}
	who, err := sigv4.VerifyRequest(r, content, "s3", s.Region, s.Lookup, s.Now())
	if err != nil {
		return err
	}
	if err := s.Authorize(who, "s3:PutObject", "arn:aws:s3:::"+bucket+"/"+key, r.TLS != nil); err != nil {
		return &problem{http.StatusForbidden, "AccessDenied", err.Error()}
	}
	switch err := s.Put(bucket, key, content); {
	case errors.Is(err, ErrNoBucket):
		return s.absent(who, bucket, key, r.TLS != nil, err)
	case errors.Is(err, ErrRefused):
		return &problem{http.StatusBadRequest, "InvalidRequest", err.Error()}
	case err != nil:
		return fmt.Errorf("put object %s/%s: %w", bucket, key, err)
	}
	sum := md5.Sum(content) //nolint:gosec // what S3's ETag is
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	w.Header().Set("X-Amz-Server-Side-Encryption", "AES256")
	w.WriteHeader(http.StatusOK)
	return nil
}
