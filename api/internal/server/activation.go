package server

import (
	"errors"
	"fmt"
	"net"

	"github.com/coreos/go-systemd/v22/activation"
)

// activated returns the listeners that were passed to this process (LISTEN_FDS
// and LISTEN_PID), nil where none was. The variables are removed, so that no
// child takes them for its own.
func activated() ([]net.Listener, error) {
	files := activation.Files(true)
	var listeners []net.Listener
	for _, f := range files {
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("use passed socket %s: %w", f.Name(), err)
		}
		if err := f.Close(); err != nil {
			return nil, errors.Join(fmt.Errorf("use passed socket %s: %w", f.Name(), err), l.Close())
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}
