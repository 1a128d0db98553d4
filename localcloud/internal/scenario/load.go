package scenario

import "time"

// rateAt is the rate of requests at a time, in requests/s.
func rateAt(load []Load, at time.Duration) float64 {
	rate := 0.0
	for _, l := range load {
		if at < l.At {
			break
		}
		rate = l.rate(rate, at-l.At)
	}
	return rate
}

// rate is the rate so long after l has begun at the rate from.
func (l Load) rate(from float64, since time.Duration) float64 {
	rate := l.Rate
	if since < l.Over {
		rate = from + (l.Rate-from)*since.Seconds()/l.Over.Seconds()
	}
	if l.Every > 0 && since%l.Every >= l.Every/2 {
		rate += l.Swing
	}
	return rate
}
