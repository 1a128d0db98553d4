package blobs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// problem is an error as the service answers it.
type problem struct {
	status        int
	code, message string
}

func (p *problem) Error() string { return p.code + ": " + p.message }

// write answers an error: its code in a header, and XML unless to a HEAD.
func (s *server) write(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = absent(err)
	}
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer authorization_uri=https://login.microsoftonline.com/%s/oauth2/authorize resource_id=%s", s.Tenant, Resource))
	}
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: p.code, Message: fmt.Sprintf("%s\nRequestId:%s\nTime:%s", p.message, w.Header().Get("X-Ms-Request-Id"), s.Now().UTC().Format(time.RFC3339Nano))})
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("X-Ms-Error-Code", p.code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(p.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(append([]byte(xml.Header), body...)) // a client that has gone needs no answer
	}
}
