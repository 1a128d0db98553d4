package balancer

// A session's turn is odd while a request is served. It decides between the
// session, which may begin the next request at any time, and the listener,
// which closes those at its end that serve none.

// closedTurn is the turn of a session that serves no request any more.
const closedTurn = 1 << 63

// begin starts a request, unless the session has been closed meanwhile.
func (s *session) begin() bool {
	n := s.turn.Load()
	return n&1 == 1 || n != closedTurn && s.turn.CompareAndSwap(n, n+1)
}

// end ends it.
func (s *session) end() { s.turn.Add(1) }

// closeIdle closes a session that serves no request.
func (s *session) closeIdle() {
	if n := s.turn.Load(); n&1 == 0 && s.turn.CompareAndSwap(n, closedTurn) {
		s.conn.Close()
	}
}
