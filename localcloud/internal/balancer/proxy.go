package balancer

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"
)

func (l *Listener) newProxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: rewrite,
		ModifyResponse: func(resp *http.Response) error {
			if u, ok := resp.Request.Body.(*upload); ok && !u.ended.Load() {
				resp.Header.Set("Connection", "close") // what the client still sends must not be taken for a request
			}
			return nil
		},
		Transport:  l,
		BufferPool: copyBuffers,
		ErrorLog:   slog.NewLogLogger(l.config.Logger.Handler(), slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			status := statusOf(r.Context(), err)
			l.config.Logger.Debug("request failed", "listener", l.Address(), "status", status, "error", err)
			if r.ContentLength != 0 {
				w.Header().Set("Connection", "close")
				endUpload(w)
			}
			l.answer(w, status)
		},
	}
}

// uploadKey is the context key of the function that ends a request's upload.
type uploadKey struct{}

// withUpload lets a target answer while the client still sends, and lets the
// exchange stop waiting for the rest of the body, which a silent client
// would make last for ever.
func withUpload(w http.ResponseWriter, r *http.Request) *http.Request {
	// A writer that cannot do this is no connection, and has nothing to end.
	_ = http.NewResponseController(w).EnableFullDuplex()
	return r.WithContext(context.WithValue(r.Context(), uploadKey{}, func() { endUpload(w) }))
}

func endUpload(w http.ResponseWriter) {
	// A connection that refuses a deadline is closed already.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now())
}

// ServeHTTP passes a request to a target.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.requests.Add(1)
	if !l.inFlight.enter() {
		panic(http.ErrAbortHandler) // the listener has drained
	}
	defer l.inFlight.leave()
	if r.ProtoMajor != 1 {
		w.Header().Set("Connection", "close")
		l.answer(w, StatusProtocolMismatch)
		return
	}
	l.forwarded(r)
	if r.ContentLength != 0 {
		r = withUpload(w, r)
	}
	w.Header()["Content-Type"] = nil // do not guess what the target leaves out
	l.proxy.ServeHTTP(w, r)
}

var protoHTTP = []string{"http"}

// forwarded sets the headers that tell a target of the client. The client's
// address is appended to X-Forwarded-For; the others are replaced.
//
// Source: Application Load Balancers, X-Forwarded headers (mode append).
func (l *Listener) forwarded(r *http.Request) {
	client, _, err := net.SplitHostPort(r.RemoteAddr)
	if err == nil {
		if prior := r.Header["X-Forwarded-For"]; len(prior) > 0 {
			client = joinList(prior) + ", " + client
		}
		r.Header["X-Forwarded-For"] = []string{client}
	}
	r.Header["X-Forwarded-Proto"] = protoHTTP
	r.Header["X-Forwarded-Port"] = l.port
}

func joinList(values []string) string {
	list := values[0]
	for _, v := range values[1:] {
		list += ", " + v
	}
	return list
}

// rewrite restores what ReverseProxy takes away and a load balancer leaves.
// The host stays the client's.
func rewrite(r *httputil.ProxyRequest) {
	for _, name := range [...]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = v
		}
	}
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	r.Out.URL.Scheme, r.Out.URL.Host = "http", r.In.Host
}

// RoundTrip asks the next target of the pool, once.
func (l *Listener) RoundTrip(req *http.Request) (*http.Response, error) {
	p := l.pool.Load()
	m := p.acquire(0)
	if m == nil {
		return nil, &failure{http.StatusServiceUnavailable, errNoTarget}
	}
	start := time.Now()
	resp, err := m.backend.roundTrip(req, l.config.IdleTimeout, m.release)
	status := 0
	if err != nil {
		m.release()
	} else {
		status = resp.StatusCode
	}
	took := time.Since(start)
	m.counters.count(status, took)
	p.total.count(status, took)
	return resp, err
}

// copyBuffers are what answers are copied through.
var copyBuffers = &bufferPool{sync.Pool{New: func() any { return new([copyBuffer]byte) }}}

const copyBuffer = 32 << 10

type bufferPool struct{ pool sync.Pool }

func (b *bufferPool) Get() []byte  { return b.pool.Get().(*[copyBuffer]byte)[:] }
func (b *bufferPool) Put(p []byte) { b.pool.Put((*[copyBuffer]byte)(p)) }
