package daemon

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"orchard/localcloud/internal/durable"
)

// listen opens a port of 127.0.0.1, which is where the engine dials a provider
// and a browser the console. It is the port that the daemon before had under
// the name, where that is free, so that variables exported from `localcloud
// env`, and a page that is open, stay right; otherwise any.
func (f Folder) listen(name string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.lastPort(name))))
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen as %s: %w", name, err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := durable.Write(f.path("port-"+name), []byte(port), 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// lastPort is where the daemon before listened under a name; 0 for nowhere.
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
