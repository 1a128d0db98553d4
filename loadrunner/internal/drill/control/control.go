// Package control asks the daemon of a local cloud for what drills need: what is
// declared and what runs, a fault, its end. It speaks HTTP over the daemon's unix
// socket and knows as much of the answers as drills do.
//
// The daemon ends every fault by itself when its time is over, and has that time on
// disk before the fault has an effect. Nothing here waits for an effect.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// patience is how long an answer may take: a database that hangs makes the status
// slow.
const patience = 10 * time.Second

// Client speaks to one daemon about one stack.
type Client struct {
	stack string
	http  *http.Client
}

// New returns a client of the daemon whose state is in a folder. Where one stack is
// up, stack may be empty.
func New(state, stack string) *Client {
	socket := filepath.Join(state, "daemon.sock")
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	return &Client{stack, &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: patience}}
}

// World returns a picture of the stack. It is an error when the stack is not up.
func (c *Client) World(ctx context.Context) (World, error) {
	var report Report
	if err := c.ask(ctx, http.MethodGet, "/status", &report); err != nil {
		return World{}, fmt.Errorf("ask for the status: %w", err)
	}
	for _, w := range report.Worlds {
		if w.Stack == c.stack || c.stack == "" && len(report.Worlds) == 1 {
			return w, nil
		}
	}
	return World{}, fmt.Errorf("stack %q is not one of the %d that are up: name one with --stack, or bring it up with make up", c.stack, len(report.Worlds))
}

// Inject begins a fault, or has one happen that does not last. It ends by itself.
func (c *Client) Inject(ctx context.Context, w World, kind, target string, lasting time.Duration) error {
	query := url.Values{"kind": {kind}, "target": {target}, "for": {lasting.String()}}
	if err := c.ask(ctx, http.MethodPost, path("worlds", w.Stack, "faults")+"?"+query.Encode(), nil); err != nil {
		return fmt.Errorf("inject %s of %s: %w", kind, target, err)
	}
	return nil
}

// End ends a fault that is in force before its time.
func (c *Client) End(ctx context.Context, w World, fault string) error {
	if err := c.ask(ctx, http.MethodDelete, path("worlds", w.Stack, "faults", fault), nil); err != nil {
		return fmt.Errorf("end %s: %w", fault, err)
	}
	return nil
}

func path(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String()
}

// ask makes a request; what is refused is an error with the daemon's sentence.
func (c *Client) ask(ctx context.Context, method, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://daemon"+path, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= 300:
		return errors.New(strings.TrimSpace(string(text)))
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}
