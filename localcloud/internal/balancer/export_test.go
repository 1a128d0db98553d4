package balancer

import "net"

// ServeConn serves a connection that was not accepted by Run, such as a pipe
// in a bubble of its own time.
func (l *Listener) ServeConn(c net.Conn) { l.serve(c) }
