package engine

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"orchard/loadrunner/internal/pace"
	"orchard/loadrunner/internal/record"
)

// secure puts TLS before a server of plain connections.
func secure(t *testing.T, serve func(net.Conn)) (address string, roots *x509.CertPool) {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // of its certificate
	t.Cleanup(lender.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: lender.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	roots = x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	return l.Addr().String(), roots
}

// says answers each request with a text; an empty one is no answer.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		buf := make([]byte, 4096)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
		}
	}
}

func TestStandard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		serve func(net.Conn)
		want  func(*record.Result) bool
	}{
		{"answers", says(ok), func(r *record.Result) bool { return r.Statuses[200] == r.Scheduled }},
		{"never answers", says(""), func(r *record.Result) bool { return r.Failures["timeout"]+r.Late == r.Scheduled }},
		{"answers garbage", says("220 smtp\r\n"), func(r *record.Result) bool { return r.Failures["garbage"] == r.Scheduled }},
		{"closes", func(net.Conn) {}, func(r *record.Result) bool { return r.Errors == r.Scheduled && r.Failures["timeout"] == 0 }},
	}
	loops := map[string]Config{
		"open":   {Schedule: open(t, pace.Constant(300, 500*time.Millisecond)...), Connections: 4, InFlight: 20},
		"closed": {Length: 500 * time.Millisecond, Connections: 4},
	}
	for _, test := range tests {
		for name, c := range loops {
			t.Run(test.name+", "+name+" loop", func(t *testing.T) {
				t.Parallel()
				c.Address, c.Roots = secure(t, test.serve)
				c.TLS, c.Timeout = true, time.Second
				r := send(t, t.Context(), c, NewGet("example.com", "/"))
				check(t, r, c)
				if !test.want(r) {
					t.Errorf("outcomes %+v, statuses %v, errors %v are not what the target did", r.Counts, r.Statuses, r.Failures)
				}
			})
		}
	}
}
