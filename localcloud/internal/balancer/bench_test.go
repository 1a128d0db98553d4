package balancer_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"orchard/localcloud/internal/balancer"
)

// BenchmarkProxy compares a request through the balancer with one to the
// bare target. Client, balancer and target share the process, so the
// difference is the balancer's cost and bare is what the other two take.
func BenchmarkProxy(b *testing.B) {
	body := strings.Repeat("x", 1<<10)
	target := serve(b, "i-1", "a", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	p, err := balancer.NewPool(poolConfig(b))
	if err != nil {
		b.Fatal(err)
	}
	p.SetTargets([]balancer.Target{target})
	_, url := listen(b, p)
	b.Run("bare", func(b *testing.B) { benchmark(b, "http://"+target.Address) })
	b.Run("balancer", func(b *testing.B) { benchmark(b, url) })
}

// BenchmarkFlow compares a new connection with one request through the
// balancer with one to the bare target, likewise.
func BenchmarkFlow(b *testing.B) {
	target := echo(b, "i-1")
	p := healthyPool(b, target)
	l := runFlows(b, p.Pool)
	b.Run("bare", func(b *testing.B) { benchmarkFlow(b, target.Address) })
	b.Run("balancer", func(b *testing.B) { benchmarkFlow(b, l.Address()) })
}

func benchmarkFlow(b *testing.B, address string) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		answer := make([]byte, 64)
		for pb.Next() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Error(err)
				return
			}
			_, err = io.WriteString(conn, "hello\n")
			if err == nil {
				_, err = conn.Read(answer)
			}
			if err != nil {
				b.Error(err)
			}
			conn.(*net.TCPConn).SetLinger(0) // leave no port in TIME_WAIT
			conn.Close()
		}
	})
}

func benchmark(b *testing.B, url string) {
	b.ReportAllocs()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	defer transport.CloseIdleConnections()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequest(http.MethodGet, url, nil)
			if err != nil {
				b.Error(err)
				return
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("status %d, error %v", resp.StatusCode, err)
			}
			resp.Body.Close()
		}
	})
}
