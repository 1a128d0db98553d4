package engine

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"orchard/loadrunner/internal/pace"
	"orchard/loadrunner/internal/record"
)

// send runs the engine to its end and returns what the recorder has.
func send(t *testing.T, ctx context.Context, c Config, s Source) *record.Result {
	t.Helper()
	recorder, windows := record.NewRecorder(s.Kinds(), c.Lasts())
	result := record.NewResult()
	read := make(chan struct{})
	go func() {
		defer close(read)
		for w := range windows {
			result.AddWindow(w)
			recorder.Return(w)
		}
	}()
	took, err := Run(ctx, c, s, recorder)
	<-read
	if err != nil {
		t.Fatalf("run against %s: %v", c.Address, err)
	}
	result.AddClasses(recorder)
	result.Seconds = took.Seconds()
	return result
}

func open(t *testing.T, segments ...pace.Segment) *pace.Schedule {
	t.Helper()
	s, err := pace.New(segments...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// target is a listener on loopback that gives every connection to serve.
func target(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String()
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// answering returns a server that does something for each request, until it says no.
func answering(answer func(*net.TCPConn) bool) func(*net.TCPConn) {
	return func(conn *net.TCPConn) {
		buf := make([]byte, 4096)
		for {
			if _, err := conn.Read(buf); err != nil || !answer(conn) {
				return
			}
		}
	}
}

func text(s string, goOn bool) func(*net.TCPConn) bool {
	return func(conn *net.TCPConn) bool {
		_, err := conn.Write([]byte(s))
		return goOn && err == nil
	}
}

// refusing returns an address at which nothing listens.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// slow answers at most one request in 5 ms, over all connections.
func slow(t *testing.T) string {
	ticker := time.NewTicker(5 * time.Millisecond)
	t.Cleanup(ticker.Stop)
	return target(t, answering(func(conn *net.TCPConn) bool {
		<-ticker.C
		return text(ok, true)(conn)
	}))
}

// TestEveryRequestHasOneOutcome is against targets that do whatever targets do.
func TestEveryRequestHasOneOutcome(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		address func(*testing.T) string
		want    func(*record.Result) bool
	}{
		{"answers", func(t *testing.T) string { return target(t, answering(text(ok, true))) }, func(r *record.Result) bool {
			return r.Answered == r.Scheduled && r.Statuses[200] == r.Scheduled
		}},
		{"slower than the rate", slow, func(r *record.Result) bool { return r.Answered > 0 && r.Answered < 200 }},
		{"refuses", refusing, func(r *record.Result) bool { return r.Failures["refused"] == r.Scheduled }},
		{"resets half-way", func(t *testing.T) string {
			return target(t, answering(func(conn *net.TCPConn) bool {
				_ = conn.SetLinger(0)
				return text(ok[:40], false)(conn)
			}))
		}, func(r *record.Result) bool { return r.Failures["reset"] > 0 && r.Answered == 0 }},
		{"closes half-way", func(t *testing.T) string { return target(t, answering(text(ok[:40], false))) }, func(r *record.Result) bool {
			return r.Failures["cut"] == r.Scheduled
		}},
		{"answers garbage", func(t *testing.T) string { return target(t, answering(text("220 smtp.example ESMTP\r\n", true))) }, func(r *record.Result) bool {
			return r.Failures["garbage"] == r.Scheduled
		}},
		{"never answers", func(t *testing.T) string { return target(t, answering(func(*net.TCPConn) bool { return true })) }, func(r *record.Result) bool {
			return r.Failures["timeout"] > 0 && r.Failures["timeout"]+r.Late == r.Scheduled
		}},
		{"closes before it answers", func(t *testing.T) string { return target(t, answering(func(*net.TCPConn) bool { return false })) }, func(r *record.Result) bool {
			return r.Failures["cut"] == r.Scheduled
		}},
		{"closes after each answer without saying so", func(t *testing.T) string { return target(t, answering(text(ok, false))) }, func(r *record.Result) bool {
			return r.Answered == r.Scheduled
		}},
		{"says 500", func(t *testing.T) string {
			return target(t, answering(text("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", true)))
		}, func(r *record.Result) bool { return r.Answered == r.Scheduled && r.Failed == r.Scheduled }},
	}
	loops := map[string]Config{
		"open":   {Schedule: open(t, pace.Constant(2000, 500*time.Millisecond)...), Connections: 4, InFlight: 50},
		"closed": {Length: 500 * time.Millisecond, Connections: 20},
	}
	for _, test := range tests {
		for name, c := range loops {
			t.Run(test.name+", "+name+" loop", func(t *testing.T) {
				t.Parallel()
				c.Address, c.Timeout = test.address(t), 5*time.Second
				if test.name == "never answers" || test.name == "slower than the rate" {
					c.Timeout = 300 * time.Millisecond
				}
				r := send(t, t.Context(), c, NewGet("target", "/"))
				check(t, r, c)
				if !test.want(r) {
					t.Errorf("outcomes %+v, statuses %v, errors %v are not what the target did", r.Counts, r.Statuses, r.Failures)
				}
			})
		}
	}
}

// allowance is how much longer a run may take on a machine that does other things too.
const allowance = 2 * time.Second

// check holds what is true of every run.
func check(t *testing.T, r *record.Result, c Config) {
	t.Helper()
	if r.Missing() != 0 {
		t.Errorf("scheduled %d ≠ %d answered + %d errors + %d late + %d dropped", r.Scheduled, r.Answered, r.Errors, r.Late, r.Dropped)
	}
	if c.Schedule != nil && r.Scheduled != c.Schedule.Count() {
		t.Errorf("scheduled %d, want %d", r.Scheduled, c.Schedule.Count())
	}
	if r.Answered != r.Response.Count() || r.Answered != r.Service.Count() {
		t.Errorf("%d answers, %d response times, %d service times", r.Answered, r.Response.Count(), r.Service.Count())
	}
	if took, most := time.Duration(r.Seconds*float64(time.Second)), c.Lasts()+c.Timeout+allowance; took > most {
		t.Errorf("the run took %v, want at most %v", took, most)
	}
}

func TestStoppedRun(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	asked := make(chan struct{}, 100)
	address := target(t, answering(func(*net.TCPConn) bool {
		asked <- struct{}{}
		return true
	}))
	go func() {
		for range 5 {
			<-asked
		}
		stop()
	}()
	c := Config{Address: address, Schedule: open(t, pace.Constant(1000, time.Hour)...), InFlight: 5, Connections: 5, Timeout: time.Minute}
	r := send(t, ctx, c, NewGet("target", "/"))
	if r.Missing() != 0 || r.Failures["stopped"] != 5 || r.Errors != 5 {
		t.Errorf("outcomes %+v, errors %v, want 5 stopped and the others dropped", r.Counts, r.Failures)
	}
	if want := (grace + allowance).Seconds(); r.Seconds > want {
		t.Errorf("it took %.1f s, want at most %.1f s", r.Seconds, want)
	}
}

// TestSurplusConnectionsAreClosed has a target that stops for half a second, so that
// many requests are in flight at once, and counts its connections before the run ends.
func TestSurplusConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	const kept, rate = 5, 200
	var now, most atomic.Int64
	begin := make(chan struct{})
	address := target(t, func(conn *net.TCPConn) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-begin
		answering(text(ok, true))(conn)
	})
	s := &counting{total: 3 * rate, atEnd: func() int64 { return now.Load() }}
	r := send(t, t.Context(), Config{
		Address: address, Schedule: open(t, pace.Constant(rate, 3*time.Second)...), Connections: kept, InFlight: 200, Timeout: 5 * time.Second,
		Started: func(time.Time) { time.AfterFunc(500*time.Millisecond, func() { close(begin) }) },
	}, s)
	if r.Answered != 3*rate || most.Load() < 80 || s.left > 40 {
		t.Errorf("%d of %d answered over at most %d connections, and %d at the end; want all, over 80 or more, and about %d", r.Answered, 3*rate, most.Load(), s.left, kept)
	}
}

// counting asks how many connections there are when its last request is answered.
type counting struct {
	numbered
	done, total int
	atEnd       func() int64
	left        int64
}

func (c *counting) Done(*Request, Outcome) {
	if c.done++; c.done == c.total {
		c.left = c.atEnd()
	}
}
