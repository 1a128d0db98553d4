package world

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// route is a path as one instance goes it: to a database, or from a balancer.
type route struct {
	instance string
	database string // its id; empty on the way from a balancer
	lead     lead
}

// open are the connections that were opened on a route and may be open still.
type open struct {
	conns   []*net.TCPConn
	stopped bool
	limit   int // how many there may be before those that are closed are left out
}

// fewOpen is how many connections of a route are kept in mind before it is
// looked which are closed.
const fewOpen = 64

// noteOpen keeps a connection in mind, so that it can be stopped. That is done
// only where a fault or rule can stop one. Callers hold the lock.
func (w *World) noteOpen(way route, conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok || !w.declared.FaultsStopOpen {
		return
	}
	o := w.actual.open[way]
	if o == nil {
		o = &open{limit: fewOpen}
		w.actual.open[way] = o
	}
	if len(o.conns) >= o.limit {
		o.forgetClosed()
	}
	o.conns = append(o.conns, tcp)
	if w.stopsOpen(way) {
		w.stop(o, true) // the path has been blocked since it was looked at
	}
}

func (o *open) forgetClosed() {
	left := o.conns[:0]
	for _, conn := range o.conns {
		if control(conn, func(int) error { return nil }) == nil {
			left = append(left, conn)
		}
	}
	clear(o.conns[len(left):])
	o.conns, o.limit = left, max(fewOpen, 2*len(left))
}

// planOpen stops the open connections of paths that have been blocked, and lets
// those go on whose paths are open again.
func (w *World) planOpen() {
	for way, o := range w.actual.open {
		if w.state.Instances[way.instance] == nil {
			delete(w.actual.open, way)
			continue
		}
		if stop := w.stopsOpen(way); stop != o.stopped {
			w.stop(o, stop)
		}
	}
}

func (w *World) stopsOpen(way route) bool {
	i := w.state.Instances[way.instance]
	if i == nil {
		return false
	}
	block, _ := w.fromBalancer(i, way.lead)
	if way.database != "" {
		block, _ = w.fromInstance(i, way.database)
	}
	return block.Open
}

func (w *World) stop(o *open, stop bool) {
	o.forgetClosed()
	o.stopped = stop
	for _, conn := range o.conns {
		err := control(conn, func(fd int) error { return drop(fd, stop) })
		if err != nil {
			w.log.Warn("cannot stop a connection", "peer", conn.RemoteAddr().String(), "error", err)
		}
	}
}

// control does something to the descriptor of a connection, and fails on one
// that is closed.
func control(conn syscall.Conn, do func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = do(int(fd)) }); err != nil {
		return err
	}
	return failed
}

// drop has the kernel drop every packet that comes to a socket, or no more. Its
// other end sees neither answer nor reset and sends again, so the connection
// goes on where it was once packets come through.
func drop(fd int, on bool) error {
	if !on {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
	}
	none := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &none})
}
