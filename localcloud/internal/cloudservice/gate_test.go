package cloudservice

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const patience = 10 * time.Second

// guarded is a gate on a free port that asks allow.
func guarded(t *testing.T, allow func(net.Conn) error) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(l, allow, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { g.Close() })
	return g
}

func dial(t *testing.T, g *gate) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestGatePassesOn(t *testing.T) {
	t.Parallel()
	g := guarded(t, func(net.Conn) error { return nil })
	client := dial(t, g)
	server, err := g.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if got, want := server.RemoteAddr().String(), client.LocalAddr().String(); got != want {
		t.Errorf("accepted: got a connection of %s, want that of %s", got, want)
	}
}

// A connection without a way is neither refused nor answered, and is in nobody
// else's way.
func TestGateHangs(t *testing.T) {
	t.Parallel()
	checked := make(chan struct{}, 2)
	first := true
	g := guarded(t, func(net.Conn) error {
		defer func() { checked <- struct{}{} }()
		if first {
			first = false
			return errors.New("no route")
		}
		return nil
	})
	blocked := dial(t, g)
	if _, err := io.WriteString(blocked, "hello"); err != nil {
		t.Fatal(err)
	}
	<-checked
	open := dial(t, g)
	server, err := g.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if got, want := server.RemoteAddr().String(), open.LocalAddr().String(); got != want {
		t.Errorf("accepted: got %s, want %s, which has a way", got, want)
	}
	if err := blocked.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := blocked.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("blocked connection: read %d bytes, %v; want neither answer nor end", n, err)
	}
	g.Close()
	if err := blocked.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := blocked.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("blocked connection outlives the gate")
	}
}

func TestCurlrc(t *testing.T) {
	t.Parallel()
	got := Curlrc("127.3.1.4", "127.3.1.4:900", "/root.pem", map[string]string{"b.example": "127.3.0.4:2", "a.example": "127.3.0.3:1"})
	want := `connect-to = "169.254.169.254:80:127.3.1.4:900"
connect-to = "localhost::127.3.1.4:"
connect-to = "a.example:443:127.3.0.3:1"
connect-to = "b.example:443:127.3.0.4:2"
cacert = "/root.pem"
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("curlrc (-want +got):\n%s", diff)
	}
}
