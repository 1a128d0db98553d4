package machine

import "net"

// Guard lets only the processes of one instance through a listener, such as
// that of its metadata service: everybody else's connections are closed
// without a word. Closing the listener ends it.
func Guard(l net.Listener, id string) net.Listener { return &guarded{l, id} }

type guarded struct {
	net.Listener
	id string
}

// Accept looks each caller up in turn, see Peer for what that takes.
func (g *guarded) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if _, id, err := Peer(conn); err == nil && id == g.id {
			return conn, nil
		}
		conn.Close()
	}
}
