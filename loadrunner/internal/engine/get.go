package engine

import (
	"fmt"

	"orchard/loadrunner/internal/record"
)

// Get is a source of one request, sent over and over: a GET of a path.
type Get struct{ bytes []byte }

// NewGet returns a source of GETs of a path (and query) at a host.
func NewGet(host, path string) *Get {
	return &Get{fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: orchard-loadrunner\r\nAccept: */*\r\n\r\n", path, host)}
}

// Kinds returns the one kind.
func (g *Get) Kinds() []record.Kind { return []record.Kind{{Name: "get"}} }

// Next fills in the request.
func (g *Get) Next(r *Request) {
	r.Bytes = append(r.Bytes, g.bytes...)
	r.Repeatable = true
}

// Done keeps nothing.
func (g *Get) Done(*Request, Outcome) {}
