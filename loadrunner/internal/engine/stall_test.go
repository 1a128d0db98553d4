package engine

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"orchard/loadrunner/internal/pace"
	"orchard/loadrunner/internal/record"
)

var long = flag.Bool("long", false, "run the stalls at 1,000/s and 10,000/s for 10 s each")

// numbered is a source whose requests say which they are.
type numbered struct{ next int }

func (*numbered) Kinds() []record.Kind { return []record.Kind{{Name: "get"}} }

func (n *numbered) Next(r *Request) {
	r.Bytes = fmt.Appendf(r.Bytes, "GET /%09d HTTP/1.1\r\nHost: target\r\n\r\n", n.next)
	r.Repeatable = true
	n.next++
}

func (*numbered) Done(*Request, Outcome) {}

// stalling is a target that stops for a while, and logs when it answered what.
type stalling struct {
	mu       sync.Mutex
	from, to time.Time
	answered map[int]time.Time
}

func (s *stalling) stall(from time.Time, length time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = from, from.Add(length)
}

func (s *stalling) left() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.After(s.from) {
		return s.to.Sub(now)
	}
	return 0
}

func (s *stalling) serve(conn *net.TCPConn) {
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		number, err := strconv.Atoi(string(buf[len("GET /"):bytes.Index(buf[:n], []byte(" HTTP"))]))
		if err != nil {
			return
		}
		<-time.After(s.left())
		s.mu.Lock()
		s.answered[number] = time.Now()
		s.mu.Unlock()
		if _, err := conn.Write([]byte(ok)); err != nil {
			return
		}
	}
}

// truth returns the p99 that the target's log shows: from the moments at which
// requests were due to those at which they were answered.
func (s *stalling) truth(t *testing.T, start time.Time, schedule *pace.Schedule) time.Duration {
	t.Helper()
	var all []time.Duration
	for n := range schedule.Count() {
		at, ok := s.answered[int(n)]
		if !ok {
			t.Fatalf("request %d is not in the target's log", n)
		}
		all = append(all, at.Sub(start.Add(schedule.At(n))))
	}
	slices.Sort(all)
	return all[int(math.Ceil(0.99*float64(len(all))))-1]
}

// TestStall is what coordinated omission hides: a target that stops for a while. The
// p99 that is reported is within 1 % of that of the target's own log.
func TestStall(t *testing.T) {
	rates, length := []float64{1000}, 2*time.Second
	if *long {
		rates, length = []float64{1000, 10000}, 10*time.Second
	}
	for _, rate := range rates {
		shapes := []struct {
			name     string
			segments []pace.Segment
		}{
			{"constant", pace.Constant(rate, length)},
			{"ramp", pace.Ramp(rate/2, rate*3/2, length)},
			{"spike", pace.Spike(rate/2, rate*2, length*2/5, length/5, length)},
		}
		for _, shape := range shapes {
			t.Run(fmt.Sprintf("%s at %.0f per second", shape.name, rate), func(t *testing.T) {
				stall(t, open(t, shape.segments...))
			})
		}
	}
}

func stall(t *testing.T, schedule *pace.Schedule) {
	s := &stalling{answered: map[int]time.Time{}}
	length := schedule.Length()
	var start time.Time
	c := Config{
		Address: target(t, s.serve), Schedule: schedule, Connections: 20, InFlight: 200, Timeout: 10 * time.Second,
		Started: func(at time.Time) {
			start = at
			s.stall(at.Add(length/2), length/10)
		},
	}
	r := send(t, t.Context(), c, &numbered{})
	check(t, r, c)
	want, got := s.truth(t, start, schedule), r.Response.Quantile(0.99)
	off := float64(got-want) / float64(want)
	t.Logf("p99 reported %v, true %v, off by %.2f %%; service p99 %v; noticed late at most %v", got, want, 100*off, r.Service.Quantile(0.99), r.Lag.Max())
	allowed := want / 100
	if !*long {
		allowed = max(allowed, 20*time.Millisecond) // what a busy machine adds to a short stall
	}
	if (got - want).Abs() > allowed {
		t.Errorf("the p99 reported is %v, that of the target's log %v: %.2f %% off, want at most %v", got, want, 100*off, allowed)
	}
}
