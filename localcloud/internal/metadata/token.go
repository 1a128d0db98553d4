package metadata

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	maxTTL      = 6 * time.Hour // 21600 seconds, the limit of IMDSv2
)

// token makes a metadata token for one instance: expiry, salt, keyed digest.
func (i *Issuer) token(instance string, expires time.Time) string {
	var salt [12]byte
	_, _ = rand.Read(salt[:]) // never fails: crypto/rand ends the program instead
	payload := strconv.FormatInt(expires.Unix(), 36) + "-" + base64.RawURLEncoding.EncodeToString(salt[:])
	return payload + "." + i.sum("imds "+instance, payload)
}

// validToken checks a metadata token and returns what is left of its life.
func (i *Issuer) validToken(instance, token string, now time.Time) (time.Duration, bool) {
	payload, mark, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(mark), []byte(i.sum("imds "+instance, payload))) {
		return 0, false
	}
	expiry, _, _ := strings.Cut(payload, "-")
	seconds, err := strconv.ParseInt(expiry, 36, 64)
	left := time.Unix(seconds, 0).Sub(now)
	return left, err == nil && left > 0
}

// putToken answers PUT /latest/api/token.
func (s *server) putToken(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Forwarded-For") != "" {
		http.Error(w, "403 - Forbidden", http.StatusForbidden) // IMDSv2 gives no token through a proxy
		return
	}
	seconds, err := strconv.Atoi(r.Header.Get(ttlHeader))
	ttl := time.Duration(seconds) * time.Second
	if err != nil || ttl <= 0 || ttl > maxTTL {
		http.Error(w, "400 - Bad Request", http.StatusBadRequest)
		return
	}
	w.Header().Set(ttlHeader, strconv.Itoa(seconds))
	text(w, s.issuer.token(s.instance.ID, s.now().Add(ttl)))
}

// guarded demands a valid token.
func (s *server) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		left, ok := s.issuer.validToken(s.instance.ID, r.Header.Get(tokenHeader), s.now())
		if !ok {
			http.Error(w, "401 - Unauthorized", http.StatusUnauthorized)
			return
		}
		w.Header().Set(ttlHeader, strconv.Itoa(int(left.Seconds())))
		next(w, r)
	}
}

func text(w http.ResponseWriter, content string) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(content)) // a client that has gone needs no answer
}
