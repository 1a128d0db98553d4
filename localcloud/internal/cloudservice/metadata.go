package cloudservice

import (
	"context"
	"net/http"
	"sync"
	"time"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/world"
)

// Metadata are the metadata services of a cloud's instances. Its zero value is
// ready; its methods may be called from any goroutine.
type Metadata struct {
	mu      sync.Mutex
	servers map[string]*http.Server // by instance
}

// Serve answers an instance at a port of its own address until ctx ends or the
// instance is forgotten. It returns the address (host:port), which is the same
// one from the next daemon.
func (m *Metadata) Serve(ctx context.Context, w *world.World, i world.Instance, answers http.Handler) (string, error) {
	l, err := w.Listen(metadataKey(i.ID), i.Address)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: answers, ReadHeaderTimeout: 5 * time.Second}
	m.mu.Lock()
	if m.servers == nil {
		m.servers = map[string]*http.Server{}
	}
	m.servers[i.ID] = server
	m.mu.Unlock()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	// No other process of this machine may take the instance's credentials.
	guarded := machine.Guard(l, i.ID)
	go func() { _ = server.Serve(guarded) }() // ends by Close alone
	return l.Addr().String(), nil
}

// Forget ends the metadata service of an instance.
func (m *Metadata) Forget(w *world.World, instance string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if server, ok := m.servers[instance]; ok {
		_ = server.Close() // nobody is left to ask it
		delete(m.servers, instance)
	}
	w.ForgetPort(metadataKey(instance))
}

func metadataKey(instance string) string { return "metadata/" + instance }
