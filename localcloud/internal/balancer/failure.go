package balancer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
)

// Statuses that only a load balancer gives.
// Source: Application Load Balancers, troubleshooting.
const (
	StatusClientClosed     = 460 // the client closed before there was an answer; it is counted, nobody reads it
	StatusProtocolMismatch = 464 // the client speaks a protocol that the targets do not
)

var errNoTarget = errors.New("no registered target")

// failure is why a request was not answered by a target, with the status
// that the balancer answers instead.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return fmt.Sprintf("answer %d: %v", f.status, f.err) }
func (f *failure) Unwrap() error { return f.err }

// classify is the failure of an exchange with a target that was connected:
// 504 when no byte moved for the idle time, 408 when it was the client that
// sent none, 460 or 400 when the client's body broke off or was malformed,
// else 502 (the connection was closed or reset, or the answer is malformed).
func classify(err error, u *upload) *failure {
	status := http.StatusBadGateway
	clientSent := u == nil || u.ended.Load()
	switch {
	case u != nil && u.failed.Load() != 0:
		status = int(u.failed.Load())
	case errors.Is(err, os.ErrDeadlineExceeded) && clientSent:
		status = http.StatusGatewayTimeout
	case errors.Is(err, os.ErrDeadlineExceeded):
		status = http.StatusRequestTimeout
	}
	return &failure{status, err}
}

// statusOf is the status for the error of a round trip.
func statusOf(ctx context.Context, err error) int {
	var f *failure
	switch {
	case ctx.Err() != nil:
		return StatusClientClosed
	case errors.As(err, &f):
		return f.status
	}
	return http.StatusBadGateway
}

// ownAnswers are the statuses that a listener answers itself, with their text.
var ownAnswers = [...]struct {
	status int
	text   string
}{
	{http.StatusBadRequest, "Bad Request"},
	{http.StatusRequestTimeout, "Request Time-out"},
	{StatusClientClosed, ""},
	{StatusProtocolMismatch, ""},
	{http.StatusBadGateway, "Bad Gateway"},
	{http.StatusServiceUnavailable, "Service Temporarily Unavailable"},
	{http.StatusGatewayTimeout, "Gateway Time-out"},
}

// ownCounters count them.
type ownCounters [len(ownAnswers)]atomic.Uint64

// answer writes the page of a status that is among ownAnswers.
func (l *Listener) answer(w http.ResponseWriter, status int) {
	for i, a := range ownAnswers {
		if a.status != status {
			continue
		}
		l.own[i].Add(1)
		if status == StatusClientClosed {
			return
		}
		title := fmt.Sprintf("%d %s", a.status, a.text)
		page := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
		h := w.Header()
		h.Set("Content-Type", "text/html")
		h.Set("Content-Length", fmt.Sprint(len(page)))
		if l.config.ServerName != "" {
			h.Set("Server", l.config.ServerName)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(page)) // the client may have gone
	}
}
