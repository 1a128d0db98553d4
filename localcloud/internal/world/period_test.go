package world

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestNextPeriod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now().Truncate(time.Minute)
		for n, period := range []time.Duration{time.Minute, time.Second, time.Second, time.Minute} {
			want := []time.Duration{60, 61, 62, 120}[n] * time.Second
			next, ok := nextPeriod(t.Context(), period)
			if !ok || next.Sub(begin) != want || !time.Now().Equal(next) {
				t.Errorf("period of %s, wait %d: got %s after the beginning at %s, %t, want %s", period, n, next.Sub(begin), time.Since(begin), ok, want)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, ok := nextPeriod(ctx, time.Hour); ok {
			t.Error("with an ended context: got a period, want none")
		}
	})
}
