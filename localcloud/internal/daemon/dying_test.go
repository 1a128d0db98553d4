package daemon

import (
	"errors"
	"net"
	"testing"
)

// TestStatusOfADyingDaemon asks one that ends with the request unread.
func TestStatusOfADyingDaemon(t *testing.T) {
	t.Parallel()
	folder := Folder(t.TempDir())
	l, err := net.Listen("unix", folder.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1)) // the request has come, and most of it stays unread
		conn.Close()
	}()
	if _, err := folder.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("status of a daemon that ends: got %v, want %v", err, ErrNotRunning)
	}
}
