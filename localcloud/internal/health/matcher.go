package health

import (
	"fmt"
	"strconv"
	"strings"
)

// Status codes that a matcher may name. A cloud may allow less (an AWS
// application load balancer ends at 499); its translator says so.
const (
	minStatus = 200
	maxStatus = 599
)

// Matcher says which status codes pass a check. The zero Matcher accepts
// none.
type Matcher struct {
	text   string
	ranges []statusRange
}

type statusRange struct{ first, last int }

// ParseMatcher reads a list of codes and ranges, "200", "200,202" or
// "200-299,301", with neither spaces nor empty parts. Codes go from 200 to
// 599. This is the syntax of a target group's matcher on AWS.
func ParseMatcher(text string) (Matcher, error) {
	m := Matcher{text: text}
	for part := range strings.SplitSeq(text, ",") {
		r, err := parseRange(part)
		if err != nil {
			return Matcher{}, fmt.Errorf("parse matcher %q: %w", text, err)
		}
		m.ranges = append(m.ranges, r)
	}
	return m, nil
}

func parseRange(part string) (statusRange, error) {
	from, to, isRange := strings.Cut(part, "-")
	first, err := parseStatus(from)
	if err != nil {
		return statusRange{}, err
	}
	if !isRange {
		return statusRange{first, first}, nil
	}
	last, err := parseStatus(to)
	if err != nil {
		return statusRange{}, err
	}
	if last < first {
		return statusRange{}, fmt.Errorf("range %q ends before it starts", part)
	}
	return statusRange{first, last}, nil
}

func parseStatus(s string) (int, error) {
	code, err := strconv.ParseUint(s, 10, 16)
	if err != nil || len(s) != 3 || code < minStatus || code > maxStatus {
		return 0, fmt.Errorf("%q is not a status code from %d to %d", s, minStatus, maxStatus)
	}
	return int(code), nil
}

// Match says whether the status code passes.
func (m Matcher) Match(code int) bool {
	for _, r := range m.ranges {
		if r.first <= code && code <= r.last {
			return true
		}
	}
	return false
}

// String is the text that the matcher was parsed from.
func (m Matcher) String() string { return m.text }
