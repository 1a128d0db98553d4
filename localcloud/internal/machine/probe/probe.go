package probe

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"orchard/localcloud/internal/health"
)

// Probe says how an instance asks itself for its health.
type Probe struct {
	Scheme string `json:"scheme"` // "http" or "https"
	Path   string `json:"path"`   // with its "/"
	Port   int    `json:"port"`   // 1 to 65535

	Interval time.Duration `json:"interval"` // from one question to the next, at least MinInterval
	Timeout  time.Duration `json:"timeout"`  // for the whole answer, at most Interval
	Probes   int           `json:"probes"`   // equal results in a row that change the state, at least 1

	// Grace is how long the service may take to give its first valid answers;
	// 0 means Interval × Probes. It needs a rule for the body.
	Grace time.Duration `json:"grace,omitempty"`

	Accept string `json:"accept"` // status codes that are valid, "200" or "200-299", see health.ParseMatcher

	// BodyField names a field of the answer's JSON object, and the values
	// that mean healthy and unhealthy. Empty means that the body is not read.
	BodyField     string `json:"bodyField,omitempty"`
	BodyHealthy   string `json:"bodyHealthy,omitempty"`
	BodyUnhealthy string `json:"bodyUnhealthy,omitempty"`
}

// MinInterval bounds how often a probe asks.
const MinInterval = 10 * time.Millisecond

// Check finds everything that is wrong with a Probe.
func (p *Probe) Check() error {
	var problems []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("health probe: "+format, args...))
		}
	}
	require(p.Scheme == "http" || p.Scheme == "https", "scheme %q is not supported: use \"http\" or \"https\"", p.Scheme)
	require(strings.HasPrefix(p.Path, "/"), "path %q does not begin with \"/\"", p.Path)
	require(p.Port > 0 && p.Port < 1<<16, "port %d is not from 1 to 65535", p.Port)
	require(p.Interval >= MinInterval, "interval %s is under %s", p.Interval, MinInterval)
	require(p.Timeout > 0 && p.Timeout <= p.Interval, "timeout %s is not above 0 and at most the interval of %s", p.Timeout, p.Interval)
	require(p.Probes > 0, "number of probes %d is under 1", p.Probes)
	require(p.Grace >= 0, "grace period %s is negative", p.Grace)
	require(p.rich() || p.Grace == 0, "a grace period needs a rule for the body")
	require(!p.rich() || p.BodyHealthy != "" && p.BodyUnhealthy != "" && p.BodyHealthy != p.BodyUnhealthy,
		"body field %q needs two different values, for healthy and unhealthy", p.BodyField)
	if _, err := health.ParseMatcher(p.Accept); err != nil {
		problems = append(problems, fmt.Errorf("health probe: %w", err))
	}
	return errors.Join(problems...)
}

// rich says whether the body is read.
func (p *Probe) rich() bool { return p.BodyField != "" }

func (p *Probe) grace() time.Duration {
	if p.Grace > 0 {
		return p.Grace
	}
	return p.Interval * time.Duration(p.Probes)
}
