package probe

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"orchard/localcloud/internal/health"
)

// bodyLimit bounds how much of an answer is read.
const bodyLimit = 64 << 10

// Asker asks the questions of one probe.
type Asker struct {
	probe  Probe
	accept health.Matcher
	client *http.Client
	url    string
}

// NewAsker checks the probe. Its questions go to address, an IP without port,
// and name "localhost", as they would on a machine of its own. Neither a proxy
// nor a redirection is followed, and each question has a connection of its own. Who signed the certificate is
// not asked: it names the service, not this machine.
func NewAsker(p Probe, address string) (*Asker, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	accept, err := health.ParseMatcher(p.Accept)
	if err != nil {
		return nil, fmt.Errorf("health probe: %w", err)
	}
	port := strconv.Itoa(p.Port)
	var dialer net.Dialer
	return &Asker{
		probe: p, accept: accept, url: p.Scheme + "://localhost:" + port + p.Path,
		client: &http.Client{
			Timeout:       p.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DisableKeepAlives: true,
				TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
				DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return dialer.DialContext(ctx, network, net.JoinHostPort(address, port))
				},
			},
		},
	}, nil
}

// Ask asks once. It takes at most the probe's timeout.
func (a *Asker) Ask() Result {
	answer, err := a.client.Get(a.url)
	if err != nil {
		return a.probe.unanswered(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, bodyLimit))
	if err != nil {
		return a.probe.unanswered(err)
	}
	if !a.accept.Match(answer.StatusCode) {
		return Result{a.probe.invalid(), fmt.Sprintf("status %d", answer.StatusCode)}
	}
	return a.probe.judge(body)
}

// invalid is the state that an answer means which is none, or is not valid.
func (p *Probe) invalid() State {
	if p.rich() {
		return Unknown
	}
	return Unhealthy
}

func (p *Probe) unanswered(err error) Result {
	if os.IsTimeout(err) {
		return Result{p.invalid(), fmt.Sprintf("no answer within %s", p.Timeout)}
	}
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which every detail would repeat
	}
	return Result{p.invalid(), err.Error()}
}

// judge reads the body of an answer with a valid status.
func (p *Probe) judge(body []byte) Result {
	if !p.rich() {
		return Result{State: Healthy}
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return Result{Unknown, "the body is no JSON object"}
	}
	switch fields[p.BodyField] {
	case p.BodyHealthy:
		return Result{State: Healthy}
	case p.BodyUnhealthy:
		return Result{Unhealthy, fmt.Sprintf("the service says %s: %q", p.BodyField, p.BodyUnhealthy)}
	}
	return Result{Unknown, fmt.Sprintf("the body has no valid %s", p.BodyField)}
}
