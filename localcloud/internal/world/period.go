package world

import (
	"context"
	"time"
)

// nextPeriod waits for the next moment that the clock divides by the period, so
// that one missed is a gap and not a shift. It gives false when the context
// ends before.
func nextPeriod(ctx context.Context, period time.Duration) (next time.Time, ok bool) {
	next = time.Now().Truncate(period).Add(period)
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return next, false
	case <-timer.C:
		return next, true
	}
}
