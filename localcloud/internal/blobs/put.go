package blobs

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// MaxPut is what a blob that is put may have, in bytes. The service itself
// takes 5,000 MiB.
const MaxPut = 16 << 20

// ErrRefused is what an error of Config.Put wraps that the caller is to read.
var ErrRefused = errors.New("the blob cannot be kept")

// unsupported are headers that would change what a Put Blob does.
var unsupported = []string{"If-Match", "If-None-Match", "X-Ms-Lease-Id", "X-Ms-Access-Tier", "X-Ms-Tags", "Content-Encoding"}

func (s *server) put(w http.ResponseWriter, r *http.Request, blob Address) error {
	if kind := r.Header.Get("X-Ms-Blob-Type"); kind != "BlockBlob" {
		return &problem{http.StatusBadRequest, "InvalidHeaderValue", fmt.Sprintf("x-ms-blob-type is %q; only BlockBlob is supported here", kind)}
	}
	for _, name := range unsupported {
		if r.Header.Get(name) != "" {
			return &problem{http.StatusBadRequest, "UnsupportedHeader", "the header " + name + " is not supported here"}
		}
	}
	switch {
	case r.ContentLength < 0:
		return &problem{http.StatusLengthRequired, "MissingContentLengthHeader", "Content-Length is missing"}
	case r.ContentLength > MaxPut:
		return &problem{http.StatusRequestEntityTooLarge, "RequestBodyTooLarge", fmt.Sprintf("a blob that is put may have %d bytes here", MaxPut)}
	}
	// The server bounds the body by its length, and an early end is an error.
	switch err := s.Put(blob, io.LimitReader(r.Body, MaxPut)); {
	case errors.Is(err, ErrRefused):
		return &problem{http.StatusConflict, "BlobImmutableDueToPolicy", err.Error()}
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}
