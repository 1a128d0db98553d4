package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// settle is how long handshakes that have begun may take to end, once no new
// one is let in.
const settle = 100 * time.Millisecond

// patient is a listener of our own that can stop without losing a connection.
//
// Closing a listening socket resets what waits in its queue: connections that
// the kernel has made and this process has not yet accepted. stop therefore
// has the kernel drop new handshakes first (their clients try again and are
// refused or led elsewhere), accepts what is in the queue, and only then does
// Accept end.
type patient struct {
	*net.TCPListener
	stopping atomic.Bool
	emptied  chan struct{}
}

func newPatient(l *net.TCPListener) *patient {
	return &patient{TCPListener: l, emptied: make(chan struct{})}
}

// Accept returns net.ErrClosed once the queue is empty after stop.
func (p *patient) Accept() (net.Conn, error) {
	for {
		conn, err := p.TCPListener.Accept()
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return conn, err
		}
		switch waiting, err := p.waiting(); {
		case err != nil:
			return nil, err
		case waiting: // an expired deadline keeps Accept from looking
			if err := p.SetDeadline(time.Now().Add(settle)); err != nil {
				return nil, err
			}
		case p.stopping.Load():
			close(p.emptied)
			return nil, net.ErrClosed
		}
	}
}

// waiting tells whether a connection is in the queue.
func (p *patient) waiting() (bool, error) {
	raw, err := p.SyscallConn()
	if err != nil {
		return false, err
	}
	var n int
	var poll error
	err = raw.Control(func(fd uintptr) {
		n, poll = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	})
	if errors.Is(poll, unix.EINTR) {
		return true, err // look again
	}
	return n > 0, errors.Join(err, poll)
}

// stop closes the socket when every connection that was made has been
// accepted. filtered is false on a kernel without socket filters (gVisor has none):
// there a handshake that ends between the last look and the close is lost.
func (p *patient) stop() (filtered bool, err error) {
	err = refuseHandshakes(p.TCPListener)
	filtered = err == nil
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.ENOPROTOOPT) {
		return false, fmt.Errorf("stop accepting: %w", err)
	}
	p.stopping.Store(true)
	if err := p.SetDeadline(time.Now().Add(settle)); err != nil {
		return filtered, fmt.Errorf("stop accepting: %w", err)
	}
	<-p.emptied
	return filtered, p.Close()
}

// Close closes the socket. The server closes it too, at about the same time,
// so a second close is no error.
func (p *patient) Close() error {
	if err := p.TCPListener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop accepting: %w", err)
	}
	return nil
}

// refuseHandshakes attaches a filter to a listening socket that drops segments
// with SYN and without ACK. It needs no privilege.
func refuseHandshakes(l *net.TCPListener) error {
	const flags, syn, synAck = 13, 0x02, 0x12 // offset of the flags in a TCP header, and their bits
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: flags, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: synAck},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: syn, SkipFalse: 1},
		bpf.RetConstant{Val: 0},
		bpf.RetConstant{Val: 1 << 18},
	})
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, r := range program {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	var attach error
	err = raw.Control(func(fd uintptr) {
		attach = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	})
	return errors.Join(err, attach)
}
