package world

import (
	"fmt"
	"net"
	"strconv"
)

// Listen opens a port of the daemon's own at a loopback address of this world.
// The key names its purpose: it gets the same port each time, also from the
// next daemon, because running instances have been told of it. Which port is
// left to the kernel the first time, so that no program on the machine is in
// the way.
func (w *World) Listen(key, host string) (net.Listener, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	port := w.state.Ports[key]
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", key, err)
	}
	if port != 0 {
		return l, nil
	}
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err == nil {
		w.state.Ports[key], err = strconv.Atoi(text)
	}
	if err == nil {
		err = w.save()
	}
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("listen for %s: %w", key, err)
	}
	return l, nil
}

// ForgetPort gives a port up for which nothing is told any more.
func (w *World) ForgetPort(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.state.Ports, key)
}

// Port is the port that was opened under a key.
func (w *World) Port(key string) (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	port, ok := w.state.Ports[key]
	return port, ok
}
