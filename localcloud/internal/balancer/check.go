package balancer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/health"
)

// Check is how a pool asks a target for its health: one GET on a connection
// of its own, without following redirects.
type Check struct {
	Path     string // begins with "/"
	Port     int    // 0: the port of the target's address
	Interval time.Duration
	Timeout  time.Duration // for connecting and answering together
	health.Thresholds
	Matcher   health.Matcher
	Body      BodyRule
	UserAgent string // an AWS load balancer says ELB-HealthChecker/2.0
}

// BodyRule asks that the body of an answer is a JSON object in which Field is
// the string Value. The zero rule accepts any body. A target can say by it
// that it is not well although it answers.
type BodyRule struct{ Field, Value string }

// maxCheckedBody is how much of a body a rule may need to read, in bytes.
const maxCheckedBody = 64 << 10

// Validate reports everything that is wrong with the check.
func (c Check) Validate() error {
	errs := []error{c.Thresholds.Validate()}
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(!strings.HasPrefix(c.Path, "/"), "check path is %q: it must begin with /", c.Path)
	refuse(strings.ContainsAny(c.Path+c.UserAgent, "\r\n"), "check path or user agent has a line break")
	refuse(strings.Contains(c.Path, " "), "check path is %q: it must not have a space", c.Path)
	refuse(c.Port < 0 || c.Port > 65535, "check port is %d: it must be 0 to 65535", c.Port)
	refuse(c.Interval <= 0, "check interval is %s: it must be greater than 0", c.Interval)
	refuse(c.Timeout <= 0, "check timeout is %s: it must be greater than 0", c.Timeout)
	refuse(c.Matcher.String() == "", "check matcher is missing")
	refuse(c.Body.Field == "" && c.Body.Value != "", "check body rule wants %q in no field", c.Body.Value)
	return errors.Join(errs...)
}

var errConnect = errors.New("connect")

// Probe makes one check. When the context ends, the result means nothing.
func (c Check) Probe(ctx context.Context, dial DialFunc, address string) health.Result {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	status, body, err := c.ask(ctx, dial, c.address(address))
	switch {
	case ctx.Err() != nil:
		return health.Result{Reason: health.TimedOut, Detail: fmt.Sprintf("no answer in %s", c.Timeout)}
	case errors.Is(err, errConnect):
		return health.Result{Reason: health.ConnectFailed, Detail: err.Error()}
	case err != nil:
		return health.Result{Reason: health.BadAnswer, Detail: err.Error()}
	case !c.Matcher.Match(status):
		return health.Result{Reason: health.StatusMismatch, Detail: fmt.Sprintf("status %d, want %s", status, c.Matcher)}
	}
	return c.Body.judge(body)
}

func (b BodyRule) judge(body []byte) health.Result {
	if b.Field == "" {
		return health.Result{Passed: true}
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return health.Result{Reason: health.BodyMismatch, Detail: "the body is no JSON object"}
	}
	if got := fields[b.Field]; got != b.Value {
		return health.Result{Reason: health.BodyMismatch, Detail: fmt.Sprintf("%s is %v, want %s", b.Field, got, b.Value)}
	}
	return health.Result{Passed: true}
}

func (c Check) address(target string) string {
	host, _, err := net.SplitHostPort(target)
	if c.Port == 0 || err != nil {
		return target
	}
	return net.JoinHostPort(host, strconv.Itoa(c.Port))
}

// ask gets the status, and the body where a rule needs it. The Host header is
// the target's own address and port, as an AWS load balancer sends it.
func (c Check) ask(ctx context.Context, dial DialFunc, address string) (int, []byte, error) {
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errConnect, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n", c.Path, address, c.UserAgent)
	if err != nil {
		return 0, nil, fmt.Errorf("send check: %w", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxResponseHeader)), nil)
	if err != nil {
		return 0, nil, fmt.Errorf("read answer: %w", err)
	}
	if c.Body.Field == "" {
		// The target should not see its answer refused; how it ends is no matter.
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode, nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxCheckedBody))
	if err != nil {
		return 0, nil, fmt.Errorf("read body: %w", err)
	}
	return resp.StatusCode, body, nil
}
