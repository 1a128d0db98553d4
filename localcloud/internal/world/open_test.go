package world

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// echo answers lines at an address until the test ends.
func echo(t *testing.T, host string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); _, _ = io.Copy(conn, conn) }()
		}
	}()
	return l.Addr().String()
}

// line is a connection on which something is said and answered.
type line struct {
	net.Conn
	answers *bufio.Reader
}

// ask waits for an answer until the deadline.
func (l line) ask(within time.Duration) error {
	if _, err := io.WriteString(l, "hello\n"); err != nil {
		return err
	}
	return l.hear(within)
}

func (l line) hear(within time.Duration) error {
	if err := l.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	_, err := l.answers.ReadString('\n')
	return err
}

const (
	patience = 20 * time.Second      // for what must happen
	silence  = 50 * time.Millisecond // for what must not
)

// A fault stops connections that are open where the cloud's do, and they go on
// where they were when it ends. Elsewhere they never notice.
func TestFaultStopsOpenConnections(t *testing.T) {
	t.Parallel()
	for name, stops := range map[string]bool{"stateless": true, "stateful": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fleet(t)
			w.declared.FaultsStopOpen = stops
			stopped, other := openTo(t, w, "127.0.1.4"), openTo(t, w, "127.0.2.4")
			if _, err := w.Inject(PortBlocked, "a", time.Minute); err != nil {
				t.Fatal(err)
			}
			if err := stopped.ask(silence); errors.Is(err, os.ErrDeadlineExceeded) != stops {
				t.Errorf("open connection to the zone: got %v, want it to stop: %t", err, stops)
			}
			if err := other.ask(patience); err != nil {
				t.Errorf("open connection to another zone: got %v", err)
			}
			w.state.Faults = nil
			w.planOpen()
			if !stops {
				return
			}
			if err := stopped.hear(patience); err != nil {
				t.Errorf("after the fault: got %v, want the answer that did not come", err)
			}
		})
	}
}

// openTo is a connection that a balancer has opened to an instance.
func openTo(t *testing.T, w *World, host string) line {
	t.Helper()
	conn, err := w.dialer(crossing)(t.Context(), "tcp", echo(t, host))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	l := line{conn, bufio.NewReader(conn)}
	if err := l.ask(patience); err != nil {
		t.Fatalf("ask an open path: %v", err)
	}
	return l
}

func TestDatabaseFaultStopsOpenConnections(t *testing.T) {
	t.Parallel()
	w := fleet(t)
	server, client := net.Conn(nil), net.Conn(nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := w.allowInstance(server, "one", "d"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Inject(DatabaseBlocked, "a", time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(client, "select\n"); err != nil {
		t.Fatal(err)
	}
	heard := line{server, bufio.NewReader(server)}
	if err := heard.hear(silence); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the database heard of a blocked instance: %v", err)
	}
	w.state.Faults = nil
	w.planOpen()
	if err := heard.hear(patience); err != nil {
		t.Errorf("after the fault: got %v, want what was sent meanwhile", err)
	}
}

// Connections that are closed are not kept in mind for ever.
func TestClosedConnectionsAreForgotten(t *testing.T) {
	t.Parallel()
	w := fleet(t)
	address := echo(t, "127.0.1.4")
	for range 3 * fewOpen {
		conn, err := w.dialer(crossing)(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if got := len(w.actual.open[route{instance: "one", lead: crossing}].conns); got > fewOpen {
		t.Errorf("connections kept in mind after all were closed: got %d, want at most %d", got, fewOpen)
	}
	delete(w.state.Instances, "one")
	w.planOpen()
	if len(w.actual.open) != 0 {
		t.Error("the connections of an instance that is gone are kept in mind")
	}
}
