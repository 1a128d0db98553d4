package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// load sends requests through the load balancer at a steady rate, on schedule
// whatever the answers do, and remembers each. It retries nothing: a request
// that fails is a request that failed.
type load struct {
	host, token string
	patience    time.Duration // for one request; a client that has waited that long counts it as failed

	mu   sync.Mutex
	rate int
	done []request
}

// request is one request of a load.
type request struct {
	scheduled, ended time.Time
	failure          string // empty: answered, and not by a 5xx
}

const (
	connections = 60  // that the load keeps open
	perLife     = 100 // requests on a connection before it is made anew, so that new targets get their share
	oneInTen    = 10  // requests of which one writes
)

func (s *stack) newLoad(rate int) *load {
	s.t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	return &load{host: u.Host, token: s.token, patience: 10 * time.Second, rate: rate}
}

// run sends until ctx ends, and returns when the last request has.
func (l *load) run(ctx context.Context) {
	due := make(chan time.Time, 10_000)
	var workers sync.WaitGroup
	for range connections {
		workers.Go(func() { l.work(due) })
	}
	l.pace(ctx, due)
	close(due)
	workers.Wait()
}

// pace schedules requests. Those that are late because nobody was free keep
// their time.
func (l *load) pace(ctx context.Context, due chan<- time.Time) {
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for !next.After(time.Now()) {
			due <- next
			l.mu.Lock()
			next = next.Add(time.Second / time.Duration(l.rate))
			l.mu.Unlock()
		}
		timer.Reset(time.Until(next))
	}
}

func (l *load) setRate(rate int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate = rate
}

// work is one client: a connection that it keeps, and makes anew when it
// broke or has served for long.
func (l *load) work(due <-chan time.Time) {
	var c *client
	sent := 0
	for at := range due {
		if c == nil || c.used == perLife {
			c.close()
			c = nil
		}
		sent++
		var err error
		if c == nil {
			c, err = l.dial()
		}
		if err == nil {
			err = c.send(l, sent%oneInTen == 0)
		}
		r := request{scheduled: at, ended: time.Now()}
		if err != nil {
			r.failure = kind(err)
		}
		if err != nil || c.last {
			c.close()
			c = nil
		}
		l.mu.Lock()
		l.done = append(l.done, r)
		l.mu.Unlock()
	}
	c.close()
}

// kind is a failure without the addresses in it.
func kind(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	}
	return err.Error()
}

// client is one connection.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	used int
	last bool // the other side closes it
}

func (l *load) dial() (*client, error) {
	conn, err := net.DialTimeout("tcp", l.host, l.patience)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReader(conn)}, nil
}

func (c *client) close() {
	if c != nil {
		c.conn.Close()
	}
}

// send makes one request and reads the whole answer.
func (c *client) send(l *load, write bool) error {
	c.used++
	if err := c.conn.SetDeadline(time.Now().Add(l.patience)); err != nil {
		return err
	}
	if _, err := c.conn.Write(l.text(write)); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	c.last = resp.Close
	if resp.StatusCode >= 500 {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	return nil
}

const fruit = `{"name":"apple","price":"1.25","stock":10}`

func (l *load) text(write bool) []byte {
	var b bytes.Buffer
	if write {
		fmt.Fprintf(&b, "POST /api/v1/fruit/ HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			l.host, l.token, len(fruit), fruit)
	} else {
		fmt.Fprintf(&b, "GET /api/v1/fruit/?limit=100 HTTP/1.1\r\nHost: %s\r\n\r\n", l.host)
	}
	return b.Bytes()
}

// outcome is what became of the requests that were scheduled since a time.
type outcome struct {
	sent, failed int
	recovery     time.Duration // from the time to the end of the last request that failed; 0 if none did
	p99          time.Duration // of the time from schedule to end
	reasons      map[string]int
}

func (l *load) since(from time.Time) outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := outcome{reasons: map[string]int{}}
	var took []time.Duration
	for _, r := range l.done {
		if r.ended.Before(from) {
			continue
		}
		out.sent++
		took = append(took, r.ended.Sub(r.scheduled))
		if r.failure != "" {
			out.failed++
			out.reasons[r.failure]++
			out.recovery = max(out.recovery, r.ended.Sub(from))
		}
	}
	if slices.Sort(took); len(took) > 0 {
		out.p99 = took[len(took)*99/100]
	}
	return out
}
