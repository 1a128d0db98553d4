package events

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
)

const (
	eventsURL = "http://169.254.169.254/metadata/scheduledevents?api-version=2020-07-01"
	drainURL  = "http://orchard/drain" // the name is only for the request's Host
	maxAnswer = 1 << 20                // bytes
)

// metadataTransport is Go's usual one, HTTP_PROXY included.
func metadataTransport() http.RoundTripper { return http.DefaultTransport }

// socketTransport leads every request to a Unix socket.
func socketTransport(path string) http.RoundTripper {
	var dialer net.Dialer
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "unix", path)
	}}
}

func list(ctx context.Context, client *http.Client) ([]event, error) {
	answer, err := send(ctx, client, http.MethodGet, eventsURL, nil)
	if err != nil {
		return nil, fmt.Errorf("list scheduled events: %w", err)
	}
	var document struct{ Events []event }
	if err := json.Unmarshal(answer, &document); err != nil {
		return nil, fmt.Errorf("read scheduled events: %w", err)
	}
	return document.Events, nil
}

func approve(ctx context.Context, client *http.Client, ids []string) error {
	type startRequest struct {
		EventID string `json:"EventId"`
	}
	var body struct{ StartRequests []startRequest }
	for _, id := range ids {
		body.StartRequests = append(body.StartRequests, startRequest{id})
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("approve termination: %w", err)
	}
	if _, err := send(ctx, client, http.MethodPost, eventsURL, text); err != nil {
		return fmt.Errorf("approve termination: %w", err)
	}
	return nil
}

func beginDrain(ctx context.Context, client *http.Client) error {
	if _, err := send(ctx, client, http.MethodPost, drainURL, nil); err != nil {
		return fmt.Errorf("begin drain: %w", err)
	}
	return nil
}

// send returns the body of a 2xx answer; every other answer is an error.
func send(ctx context.Context, client *http.Client, method, url string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Metadata", "true")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: status %d: %.200q", method, url, resp.StatusCode, answer)
	}
	return answer, nil
}
