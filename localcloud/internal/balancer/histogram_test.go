package balancer_test

import (
	"testing"
	"time"

	"orchard/localcloud/internal/balancer"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	var h balancer.Histogram
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("of nothing: got %s, want 0", got)
	}
	h[10], h[12], h[20] = 90, 9, 1
	for q, want := range map[float64]time.Duration{
		0: time.Microsecond, 0.5: 1024 * time.Microsecond, 0.9: 1024 * time.Microsecond, 0.95: 4096 * time.Microsecond, 1: 1048576 * time.Microsecond,
	} {
		if got := h.Quantile(q); got != want {
			t.Errorf("quantile %v: got %s, want %s", q, got, want)
		}
	}
}

func TestListenerCountsResponseTimes(t *testing.T) {
	t.Parallel()
	target := adopted(serve(t, "i-1", "a", named("ok")))
	l, url := listen(t, uncheckedPool(t, target))
	bodies(t, url, 3)
	var n uint64
	for _, count := range l.Status().Times {
		n += count
	}
	if n != 3 {
		t.Errorf("times: got %v, want 3 in all", l.Status().Times)
	}
	if p99 := l.Status().Times.Quantile(0.99); p99 <= 0 || p99 > patience {
		t.Errorf("p99: got %s, want what 3 requests can take", p99)
	}
}
