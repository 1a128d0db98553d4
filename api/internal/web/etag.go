package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"orchard/api/internal/fruit"
	"orchard/api/internal/store"
)

// etag is a strong validator made from the representation alone: the same on
// every instance, and the same again when an entry returns to what it was.
func etag(body []byte) string {
	sum := sha256.Sum256(body)
	var b [18]byte
	b[0], b[17] = '"', '"'
	base64.RawURLEncoding.Encode(b[1:17], sum[:12])
	return string(b[:])
}

type comparison bool

const (
	strong comparison = false // W/ tags match nothing (If-Match)
	weak   comparison = true  // W/ is passed over (If-None-Match)
)

// matches tells whether a list of entity tags, or *, holds tag (RFC 9110 §13.1).
func matches(headers []string, tag string, c comparison) bool {
	for _, h := range headers {
		for part := range strings.SplitSeq(h, ",") { // our own tags hold no comma
			part = strings.TrimSpace(part)
			if c == weak {
				part = strings.TrimPrefix(part, "W/")
			}
			if part == "*" || part == tag {
				return true
			}
		}
	}
	return false
}

// precondition makes the check that If-Match and If-None-Match ask for, nil
// where neither is sent.
func precondition(r *http.Request) store.Check {
	match, noneMatch := r.Header.Values("If-Match"), r.Header.Values("If-None-Match")
	if len(match) == 0 && len(noneMatch) == 0 {
		return nil
	}
	return func(current *fruit.Fruit) bool {
		if current == nil {
			return len(match) == 0 // no entry matches no tag, not even *
		}
		tag := etag(current.AppendJSON(nil))
		return (len(match) == 0 || matches(match, tag, strong)) &&
			(len(noneMatch) == 0 || !matches(noneMatch, tag, weak))
	}
}
