package balancer

// appendRequest appends the head of a request as its target gets it: the
// client's own lines, without those that are for this connection alone, and
// the fields that tell of the client. Its address is appended to
// X-Forwarded-For; the others are replaced.
//
// Expect is the balancer's to meet, and does not go to the target.
//
// Source: Application Load Balancers, X-Forwarded headers (mode append).
func (s *session) appendRequest(out []byte) []byte {
	r := &s.request
	out = append(out, r.method...)
	out = append(out, ' ')
	if len(r.target) == 0 || r.target[0] == '?' { // of http://host or http://host?query
		out = append(out, '/')
	}
	out = append(out, r.target...)
	out = append(out, " HTTP/1.1\r\nHost: "...)
	if r.authority == nil {
		out = append(out, s.listener.Address()...)
	}
	out = append(out, r.authority...)
	out = append(out, crlf...)
	for i := range r.fields {
		if f := &r.fields[i]; !f.dropped && !f.kind.replaced() {
			out = append(out, f.line...)
			out = append(out, crlf...)
		}
	}
	if s.request.upgrading {
		out = append(out, "Connection: Upgrade\r\n"...)
		out = appendAll(out, &r.head, upgrade)
	}
	return s.appendTrace(out)
}

// replaced says that the balancer writes a field of a request itself.
func (k kind) replaced() bool {
	return k == host || k == expect || k == forwardedFor || k == forwardedProto || k == forwardedPort
}

// appendAll appends the fields of a kind.
func appendAll(out []byte, h *head, k kind) []byte {
	for i := range h.fields {
		if h.fields[i].kind == k {
			out = append(out, h.fields[i].line...)
			out = append(out, crlf...)
		}
	}
	return out
}

func (s *session) appendTrace(out []byte) []byte {
	out = append(out, "X-Forwarded-For: "...)
	if s.request.forwarded > 0 {
		for i := range s.request.fields {
			if f := &s.request.fields[i]; f.kind == forwardedFor {
				out = append(out, f.value...)
				out = append(out, ", "...)
			}
		}
	}
	return append(out, s.trace...)
}

// traceOf are the fields that end a request's head, from the client's
// address on.
func traceOf(client, proto, port string) []byte {
	return []byte(client + "\r\nX-Forwarded-Proto: " + proto + "\r\nX-Forwarded-Port: " + port + "\r\n\r\n")
}
