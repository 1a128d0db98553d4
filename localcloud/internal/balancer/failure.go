package balancer

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync/atomic"
	"time"
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

// ownAnswers are the statuses that a listener answers itself, with their text.
var ownAnswers = [...]ownAnswer{
	{http.StatusBadRequest, "Bad Request"},
	{http.StatusRequestTimeout, "Request Time-out"},
	{StatusClientClosed, ""},
	{StatusProtocolMismatch, ""},
	{http.StatusBadGateway, "Bad Gateway"},
	{http.StatusServiceUnavailable, "Service Temporarily Unavailable"},
	{http.StatusGatewayTimeout, "Gateway Time-out"},
}

type ownAnswer struct {
	status int
	text   string
}

// ownCounters count them.
type ownCounters [len(ownAnswers)]atomic.Uint64

// answer writes the page of a status that is among ownAnswers, without the
// page for a HEAD request. A client that has gone gets nothing.
func (s *session) answer(status int, bodiless, keep bool) {
	l := s.listener
	i := slices.IndexFunc(ownAnswers[:], func(a ownAnswer) bool { return a.status == status })
	l.own[i].Add(1)
	if status == StatusClientClosed {
		return
	}
	title := fmt.Sprintf("%d %s", status, ownAnswers[i].text)
	page := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
	out := fmt.Appendf(s.out[:0], "HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n",
		title, time.Now().UTC().Format(http.TimeFormat), len(page))
	if l.config.ServerName != "" {
		out = fmt.Appendf(out, "Server: %s\r\n", l.config.ServerName)
	}
	out = append(out, s.connectionField(keep)...)
	if !bodiless {
		out = append(out, page...)
	}
	s.out = out
	_, _ = s.conn.Write(out) // the client may have gone
}
