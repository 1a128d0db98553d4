package balancer

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// silence is how long both ends of an idle flow are kept open without an
// answer, which is longer than a client waits that gives up at all.
const silence = 2 * time.Minute

// fiveTuple is a number that is the same for the same addresses and ports of
// both ends (the protocol is always TCP), and even over all others. A mask or
// a modulus may take any part of it.
func fiveTuple(client *net.TCPConn) uint64 {
	var tuple []byte
	for _, end := range []net.Addr{client.RemoteAddr(), client.LocalAddr()} {
		address := end.(*net.TCPAddr).AddrPort()
		tuple = append(tuple, address.Addr().Unmap().AsSlice()...)
		tuple = binary.BigEndian.AppendUint16(tuple, address.Port())
	}
	sum := sha256.Sum256(tuple)
	return binary.BigEndian.Uint64(sum[:])
}

// flow is a connection of a client's and the one to its target.
type flow struct {
	client, target *net.TCPConn
	in, out        atomic.Int64 // bytes from the client, and to it
	stopped        atomic.Bool  // by the idle timeout
	once           sync.Once
}

// run moves bytes until both ends have finished, one has broken, or no packet
// has come from either for the idle timeout. Then, and only then, it reports
// true and leaves both ends open.
func (f *flow) run(timeout time.Duration) (idle bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		var copies sync.WaitGroup
		copies.Go(func() { f.pipe(f.target, f.client, &f.in) })
		copies.Go(func() { f.pipe(f.client, f.target, &f.out) })
		copies.Wait()
	}()
	ticker := time.NewTicker(max(timeout/8, time.Millisecond))
	defer ticker.Stop()
	seen, since := f.packets(), time.Now()
	for {
		select {
		case <-done:
			return false
		case now := <-ticker.C:
			if n := f.packets(); n != seen {
				seen, since = n, now
			}
			if now.Sub(since) < timeout {
				continue
			}
			f.stopped.Store(true)
			f.stop()
			<-done
			return true
		}
	}
}

// pipe moves the bytes of one direction. The end of what src sends is passed on
// as such; whatever else ends it ends the flow.
func (f *flow) pipe(dst, src *net.TCPConn, moved *atomic.Int64) {
	err := carry(dst, src, moved)
	if err == nil {
		err = dst.CloseWrite()
	}
	if err != nil && !f.stopped.Load() {
		f.cut()
	}
}

// packets counts the segments that have come from both ends.
func (f *flow) packets() uint64 { return segments(f.client) + segments(f.target) }

func segments(conn *net.TCPConn) uint64 {
	var count uint64
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { // fails on a closed connection, whose copies end by themselves
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			count = uint64(info.Segs_in)
		}
	})
	return count
}

// stop ends the copies and leaves the connections open.
func (f *flow) stop() {
	past := time.Unix(1, 0)
	_ = f.client.SetDeadline(past) // a connection that refuses is closed: its copy has ended
	_ = f.target.SetDeadline(past)
}

// fallSilent takes what both ends send and answers nothing, until both have
// given up or the time is over.
func (f *flow) fallSilent() {
	var ends sync.WaitGroup
	for _, conn := range []*net.TCPConn{f.client, f.target} {
		ends.Go(func() {
			_ = conn.SetDeadline(time.Now().Add(silence))
			_, _ = io.Copy(io.Discard, conn)
		})
	}
	ends.Wait()
}

// close closes both ends of a flow that has come to its end.
func (f *flow) close() {
	f.once.Do(func() {
		f.client.Close()
		f.target.Close()
	})
}

// cut resets both ends.
func (f *flow) cut() {
	f.once.Do(func() {
		reset(f.client)
		reset(f.target)
	})
}

// flows are the open flows of a target.
type flows struct {
	mu     sync.Mutex
	closed bool
	open   map[*flow]struct{}
}

// add reports false when no flow may begin any more.
func (s *flows) add(f *flow) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.open == nil {
		s.open = map[*flow]struct{}{}
	}
	s.open[f] = struct{}{}
	return true
}

func (s *flows) remove(f *flow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, f)
}

// cut ends the open flows; the last cut lets no other begin.
func (s *flows) cut(last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = s.closed || last
	for f := range s.open {
		f.cut()
	}
}
