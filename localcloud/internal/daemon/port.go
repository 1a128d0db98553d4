package daemon

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"orchard/localcloud/internal/durable"
)

// listenProvider listens for the engine as one provider. The engine dials
// 127.0.0.1 and no other address. It is the port of the daemon before, where
// that is free, so that variables exported from `localcloud env` stay right;
// otherwise any.
func (f Folder) listenProvider(name string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.lastPort(name))))
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen for the engine as %s: %w", name, err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := durable.Write(f.path("port-"+name), []byte(port), 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// lastPort is where the daemon before listened as a provider; 0 for nowhere.
func (f Folder) lastPort(name string) int {
	data, err := os.ReadFile(f.path("port-" + name))
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0
	}
	return port
}
