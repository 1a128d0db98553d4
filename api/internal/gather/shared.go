package gather

import (
	"context"
	"sync"
)

// Shared runs one call at a time for each key.
type Shared[K comparable, A any] struct {
	mu   sync.Mutex
	keys map[K]*flights[A]
}

// flights are the calls of one key: one under way and at most one to come.
type flights[A any] struct{ next *flight[A] }

type flight[A any] struct {
	run    func() (A, error)
	answer A
	err    error
	done   chan struct{}
}

// Do returns the answer of a run of this key that began after Do was called.
func (s *Shared[K, A]) Do(ctx context.Context, key K, run func() (A, error)) (A, error) {
	s.mu.Lock()
	if s.keys == nil {
		s.keys = map[K]*flights[A]{}
	}
	all, busy := s.keys[key]
	if !busy {
		all = &flights[A]{}
		s.keys[key] = all
		s.mu.Unlock()
		answer, err := run()
		s.next(key, all)
		return answer, err
	}
	if all.next == nil {
		all.next = &flight[A]{run: run, done: make(chan struct{})}
	}
	f := all.next
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

// next starts the flight that has gathered callers meanwhile, if any.
func (s *Shared[K, A]) next(key K, all *flights[A]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := all.next
	if f == nil {
		delete(s.keys, key)
		return
	}
	all.next = nil
	go func() {
		f.answer, f.err = f.run()
		close(f.done)
		s.next(key, all)
	}()
}
