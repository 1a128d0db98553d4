package engine

import (
	"time"

	"orchard/loadrunner/internal/wire"
)

type state uint8

const (
	closed     state = iota // no connection, no request
	connecting              // perhaps with a request that waits for the connection
	idle                    // a connection without a request
	asking                  // a request is being sent, or its answer awaited
	pausing                 // before another attempt; the connection may be there or not
)

// slot is a place in flight: a connection, and the request that it serves.
type slot struct {
	state      state
	fd         int // -1 without a connection
	generation int32
	waits      bool // in the loop's free or extra, perhaps from before
	busy       bool // has a request
	reused     bool // the connection has served a request before
	stale      bool // the request was sent again after a kept connection was closed
	ending     bool // the other side sends no more
	sent       int
	attempt    int

	opened    time.Duration // the connection
	scheduled time.Duration
	started   time.Duration // the attempt
	wake      time.Duration // end of the pause, or of the attempt, or of connecting, or of idling as surplus

	request Request
	answer  wire.Parser
}

// backoff is the pause before an attempt: 50 ms, doubled each time, at most 1 s.
func backoff(attempt int) time.Duration {
	return min(time.Second, 50*time.Millisecond<<min(attempt-1, 5))
}
