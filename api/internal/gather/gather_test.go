package gather

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// Calls that come during a run go together in the next, each with its answer.
func TestBatchGathers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var sizes []int
		b := NewBatch(1, 100, func(q []int) []int {
			sizes = append(sizes, len(q))
			<-gate
			answers := make([]int, len(q))
			for i := range q {
				answers[i] = q[i] * 10
			}
			return answers
		})
		var callers sync.WaitGroup
		ask := func(n int) {
			callers.Go(func() {
				if got, _, err := b.Do(t.Context(), n); got != n*10 || err != nil {
					t.Errorf("Do(%d): got %d, %v", n, got, err)
				}
			})
		}
		ask(1)
		synctest.Wait()
		for n := 2; n <= 8; n++ {
			ask(n)
		}
		synctest.Wait()
		close(gate)
		callers.Wait()
		if !slices.Equal(sizes, []int{1, 7}) {
			t.Errorf("sizes of runs: got %v, want [1 7]", sizes)
		}
	})
}

func TestBatchBoundsItsSize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var largest, total int
		b := NewBatch(1, 3, func(q []int) []int {
			<-gate
			largest, total = max(largest, len(q)), total+len(q)
			return q
		})
		var callers sync.WaitGroup
		for n := range 10 {
			callers.Go(func() { _, _, _ = b.Do(t.Context(), n) })
		}
		synctest.Wait()
		close(gate)
		callers.Wait()
		if largest > 3 || total != 10 {
			t.Errorf("runs: got largest %d and %d calls, want at most 3 and 10", largest, total)
		}
	})
}

// Who leaves before a run has begun is not asked for; who leaves during it is.
func TestBatchWithdraws(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var ran []int
		b := NewBatch(1, 10, func(q []int) []int {
			ran = append(ran, q...)
			<-gate
			return q
		})
		var callers sync.WaitGroup
		callers.Go(func() { _, _, _ = b.Do(t.Context(), 1) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		callers.Go(func() {
			if _, asked, err := b.Do(ctx, 2); asked || !errors.Is(err, context.Canceled) {
				t.Errorf("Do(2): got asked %t, %v; want false, canceled", asked, err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(gate)
		callers.Wait()
		if !slices.Equal(ran, []int{1}) {
			t.Errorf("questions that ran: got %v, want [1]", ran)
		}
	})
}

// A caller never gets the answer of a run that began before it asked.
func TestSharedIsNeverStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Shared[string, int]
		gate := make(chan struct{})
		state, runs := 1, 0
		run := func() (int, error) {
			read := state
			runs++
			<-gate
			return read, nil
		}
		var callers sync.WaitGroup
		ask := func(want int) {
			callers.Go(func() {
				if got, err := s.Do(t.Context(), "list", run); got != want || err != nil {
					t.Errorf("Do: got %d, %v; want %d", got, err, want)
				}
			})
		}
		ask(1)
		synctest.Wait()
		state = 2 // a write that is acknowledged while the first read runs
		for range 5 {
			ask(2)
		}
		synctest.Wait()
		close(gate)
		callers.Wait()
		if runs != 2 || len(s.keys) != 0 {
			t.Errorf("got %d runs and %d keys left, want 2 and 0", runs, len(s.keys))
		}
	})
}
