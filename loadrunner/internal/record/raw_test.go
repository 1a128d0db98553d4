package record

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRecords has one request of every outcome, written down in the second in which it
// ended, and read back.
func TestRecords(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	r, windows := NewRecorder([]Kind{{Name: "read"}}, 2*time.Second)
	r.KeepRecords()
	var seconds [][]string
	var all []Raw
	read := make(chan struct{})
	go func() {
		defer close(read)
		for w := range windows {
			records, err := w.Records.All()
			if err != nil {
				t.Error(err)
			}
			var outcomes []string
			for _, one := range records {
				outcomes = append(outcomes, one.Outcome())
			}
			seconds, all = append(seconds, outcomes), append(all, records...)
			r.Return(w)
		}
	}()
	r.Answered(0, 200, 30*ms, 20*ms, 500*ms)
	r.Failed(0, Reset, 10*ms+1, 5*ms, 600*ms)
	r.Now(1000 * ms)
	r.Answered(0, 503, 900*ms, ms, 1100*ms)
	r.Late(1000*ms, 1200*ms)
	r.Dropped(1*ms, 1300*ms)
	r.Finish(1400 * ms)
	<-read

	if diff := cmp.Diff([][]string{{"200", "reset"}, {"503", "late", "dropped"}}, seconds); diff != "" {
		t.Errorf("outcomes by second (-want +got):\n%s", diff)
	}
	want := []Raw{
		{470 * ms, 480 * ms, 500 * ms, 200},
		{590*ms - 1, 595 * ms, 600 * ms, -1 - int(Reset)},
		{200 * ms, 1099 * ms, 1100 * ms, 503},
		{200 * ms, 1200 * ms, 1200 * ms, lateClass},
		{1299 * ms, 1300 * ms, 1300 * ms, droppedClass},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// TestRecordsAreBounded fills a second, and counts what finds no room.
func TestRecordsAreBounded(t *testing.T) {
	t.Parallel()
	var r Records
	const n = 200_000
	for i := range n {
		at := time.Duration(i) * 5 * time.Microsecond
		r.add(Raw{at, at + 20*time.Microsecond, at + time.Millisecond, 200})
	}
	all, err := r.All()
	if err != nil || len(r.Bytes) > mostRaw || uint64(len(all))+r.Left != n || r.Left == 0 {
		t.Errorf("%d records in %d bytes and %d left out, %v; want %d together, in at most %d bytes", len(all), len(r.Bytes), r.Left, err, n, mostRaw)
	}
	r.Bytes = r.Bytes[:len(r.Bytes)-1]
	if _, err := r.All(); err == nil {
		t.Error("records that are cut short gave no error")
	}
	r.reset()
	if all, err := r.All(); len(all) != 0 || err != nil || r.Left != 0 {
		t.Errorf("after a reset: %d records, %d left out, %v", len(all), r.Left, err)
	}
}
