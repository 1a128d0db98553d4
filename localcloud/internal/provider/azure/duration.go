package azure

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var isoParts = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// isoDuration reads an ISO 8601 duration of days, hours, minutes and seconds.
func isoDuration(text string) (time.Duration, error) {
	m := isoParts.FindStringSubmatch(text)
	if m == nil || strings.Join(m[1:], "") == "" {
		return 0, fmt.Errorf("%q is not a duration such as PT10M", text)
	}
	var total time.Duration
	for i, unit := range []string{"h", "h", "m", "s"} {
		if m[i+1] == "" {
			continue
		}
		d, err := time.ParseDuration(m[i+1] + unit)
		if err != nil {
			return 0, fmt.Errorf("read duration %q: %w", text, err)
		}
		if i == 0 {
			d *= 24
		}
		total += d
	}
	return total, nil
}

// lasting is a duration that the table has checked; zero when there is none.
func lasting(text string) time.Duration {
	d, _ := isoDuration(text)
	return d
}
