package supervisor

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readiness is the socket on which a Type=notify service says READY=1
// (sd_notify(3)). It exists while the service starts.
type readiness struct {
	path string
	conn *net.UnixConn
	done chan struct{}
}

func listenReady(l Layout, invocation string) (*readiness, error) {
	path := filepath.Join(l.RunDir, "n-"+invocation[:8])
	if err := CheckSocketPath(path); err != nil {
		return nil, err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("listen for readiness: %w", err)
	}
	r := &readiness{path: path, conn: conn, done: make(chan struct{})}
	go r.read()
	return r, nil
}

func (r *readiness) read() {
	message := make([]byte, 4096)
	for {
		n, err := r.conn.Read(message)
		if err != nil {
			return
		}
		if slices.Contains(strings.Split(string(message[:n]), "\n"), "READY=1") {
			close(r.done)
			return
		}
	}
}

func (r *readiness) close() {
	r.conn.Close()
	os.Remove(r.path)
}
