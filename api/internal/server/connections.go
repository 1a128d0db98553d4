package server

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections knows which connections wait for an answer.
//
// http.Server.Shutdown cuts a connection whose request it reads after Shutdown
// was called, though the connection was accepted before. So the drain waits
// for quiet first: with no new connections and with Connection: close on every
// answer it comes by itself.
type connections struct {
	mu    sync.Mutex
	state map[net.Conn]http.ConnState // StateNew and StateActive only
}

func newConnections() *connections {
	return &connections{state: map[net.Conn]http.ConnState{}}
}

// track is the server's ConnState hook.
func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		c.state[conn] = state
		return
	}
	delete(c.state, conn)
}

// waiting counts connections on which nothing has come yet, and those with a
// request under way.
func (c *connections) waiting() (fresh, active int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.state {
		if s == http.StateNew {
			fresh++
		} else {
			active++
		}
	}
	return fresh, active
}

// silence is how long a connection may send nothing before the drain gives it up.
const silence = time.Second

// quiet returns when no request is under way and none is to be expected, or
// when ctx ends.
func (c *connections) quiet(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	patience := time.After(silence)
	expect := true
	for {
		fresh, active := c.waiting()
		if active == 0 && (fresh == 0 || !expect) {
			return
		}
		select {
		case <-tick.C:
		case <-patience:
			expect = false
		case <-ctx.Done():
			return
		}
	}
}
