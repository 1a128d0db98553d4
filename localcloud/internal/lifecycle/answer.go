package lifecycle

import (
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"

	"orchard/localcloud/internal/sigv4"
)

// namespace is that of every answer.
const namespace = "http://autoscaling.amazonaws.com/doc/2011-01-01/"

func accept(w http.ResponseWriter) {
	write(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"CompleteLifecycleActionResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Result    struct{} `xml:"CompleteLifecycleActionResult"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{Namespace: namespace, RequestID: requestID()})
}

func refuse(w http.ResponseWriter, err error) {
	p := translate(err)
	kind := "Sender"
	if p.status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	write(w, p.status, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Namespace: namespace, Type: kind, Code: p.code, Message: p.message, RequestID: requestID()})
}

func write(w http.ResponseWriter, status int, answer any) {
	body, err := xml.Marshal(answer)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

func requestID() string { return rand.Text()[:16] }

// problem is an error as the service answers it.
type problem struct {
	status        int
	code, message string
}

func (p *problem) Error() string { return p.code + ": " + p.message }

func invalid(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, "ValidationError", fmt.Sprintf(format, args...)}
}

// spellings are the Query services' words for signature errors, where they
// differ.
var spellings = map[sigv4.Code]string{
	sigv4.Skewed:       "SignatureDoesNotMatch",
	sigv4.BodyMismatch: "SignatureDoesNotMatch",
}

func translate(err error) *problem {
	var p *problem
	var refusal *sigv4.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		code := string(refusal.Code)
		if spelling, ok := spellings[refusal.Code]; ok {
			code = spelling
		}
		status := http.StatusForbidden
		if refusal.Code == sigv4.Incomplete {
			status = http.StatusBadRequest
		}
		return &problem{status, code, refusal.Reason}
	}
	return &problem{http.StatusInternalServerError, "InternalFailure", "An internal error has occurred."}
}
