package balancer

import "sync"

// changes is a queue between those who change states, under the pool's lock,
// and Run, which tells of them without it.
type changes struct {
	ready chan struct{} // holds one value while the queue may be non-empty

	mu    sync.Mutex
	queue []Change
}

func newChanges() changes { return changes{ready: make(chan struct{}, 1)} }

func (c *changes) put(change Change) {
	c.mu.Lock()
	c.queue = append(c.queue, change)
	c.mu.Unlock()
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

func (c *changes) take() []Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.queue
	c.queue = nil
	return all
}
