package balancer_test

import (
	"io"
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
