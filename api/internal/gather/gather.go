// Package gather lets requests that come while earlier ones are under way
// share a round trip to the database.
//
// A Batch runs calls with different arguments together; a Shared runs one call
// for all who ask the same. In both, a caller joins only a run that has not
// begun: what it gets was read after it asked, so nobody sees a state older
// than his own request. With nothing under way a call runs at once, in its
// caller's goroutine, and costs no hand-over.
//
// A run is not tied to the context of any one caller; its function bounds
// itself. A caller whose context ends leaves, and the run goes on.
package gather

import (
	"context"
	"sync"
)

// Batch runs calls together, at most size at a time, in at most runs runs at
// once.
type Batch[Q, A any] struct {
	runs, size int
	run        func([]Q) []A

	mu      sync.Mutex
	running int
	pending []*call[Q, A]
}

type call[Q, A any] struct {
	question Q
	answer   A
	done     chan struct{}
}

// NewBatch returns a Batch. run answers each of its questions, in their order.
func NewBatch[Q, A any](runs, size int, run func([]Q) []A) *Batch[Q, A] {
	return &Batch[Q, A]{runs: runs, size: size, run: run}
}

// Do asks one question and waits for its answer. An error is that of ctx. asked
// tells whether the question was put, or may yet be: a false one never will be.
func (b *Batch[Q, A]) Do(ctx context.Context, question Q) (answer A, asked bool, err error) {
	c := &call[Q, A]{question: question, done: make(chan struct{})}
	b.mu.Lock()
	b.pending = append(b.pending, c)
	if b.running < b.runs {
		b.running++
		calls := b.take()
		b.mu.Unlock()
		b.runOne(calls)
		b.next()
	} else {
		b.mu.Unlock()
	}
	select {
	case <-c.done:
		return c.answer, true, nil
	case <-ctx.Done():
		return answer, !b.withdraw(c), ctx.Err()
	}
}

// next hands what has come meanwhile to a new goroutine.
func (b *Batch[Q, A]) next() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == 0 {
		b.running--
		return
	}
	calls := b.take()
	go func() {
		b.runOne(calls)
		b.next()
	}()
}

// take removes the next calls; the lock is held.
func (b *Batch[Q, A]) take() []*call[Q, A] {
	n := min(len(b.pending), b.size)
	calls := b.pending[:n:n]
	b.pending = b.pending[n:]
	if len(b.pending) == 0 {
		b.pending = nil
	}
	return calls
}

func (b *Batch[Q, A]) runOne(calls []*call[Q, A]) {
	questions := make([]Q, len(calls))
	for i, c := range calls {
		questions[i] = c.question
	}
	for i, answer := range b.run(questions) {
		calls[i].answer = answer
		close(calls[i].done)
	}
}

// withdraw takes back a call that no run has begun.
func (b *Batch[Q, A]) withdraw(c *call[Q, A]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, p := range b.pending {
		if p == c {
			b.pending = append(b.pending[:i:i], b.pending[i+1:]...)
			return true
		}
	}
	return false
}
