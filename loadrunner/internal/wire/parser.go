// Package wire reads HTTP/1.1 answers as they come off a socket, piece by piece,
// and keeps of them only what a load runner asks: the status, where the answer
// ends, whether the connection can be used again, and the id of what was created.
//
// It follows RFC 9112, sections 4 to 7: bodies of a given length, chunked, or up
// to the end of the connection; interim answers (1xx) are passed over. Bodies are
// never kept. What is not such an answer is ErrGarbage, never a guess: a load
// runner that reads leniently would count broken answers as good ones.
package wire

import (
	"bytes"
	"errors"
)

var (
	// ErrGarbage is an answer that is not HTTP/1.1.
	ErrGarbage = errors.New("the answer is no HTTP/1.1")
	// ErrCut is a connection that ended within an answer.
	ErrCut = errors.New("the connection ended within an answer")
)

// maxLine bounds a line of the head, in bytes; more is garbage.
const maxLine = 8 << 10

type state uint8

const (
	statusLine state = iota
	header
	fixed     // a body of a known length
	chunkSize // the line before a chunk
	chunk     // a chunk with the line end after it
	trailer
	untilEnd // a body that the end of the connection ends
	complete
)

// Parser reads one answer after the other. The zero value is ready.
type Parser struct {
	// Status is the answer's status, 200 to 999, once its head is read.
	Status int
	// Close tells that the connection cannot be used after this answer.
	Close bool
	// ID is the number that ends the Location of the answer, 0 without one.
	ID int64

	state   state
	length  int64 // of the body, -1 where not given
	left    int64 // of the body or chunk
	chunked bool
	held    []byte // the begin of a line whose end has not come yet
}

// Reset makes the parser ready for the next answer.
func (p *Parser) Reset() { *p = Parser{held: p.held[:0]} }

// Begun tells whether a byte of the answer has come.
func (p *Parser) Begun() bool { return p.state != statusLine || len(p.held) > 0 || p.Status != 0 }

// Feed reads from what came. It returns how much of it belongs to the answer and
// whether that is the answer's end.
func (p *Parser) Feed(b []byte) (used int, done bool, err error) {
	for used < len(b) && p.state != complete {
		switch p.state {
		case fixed, chunk:
			n := min(p.left, int64(len(b)-used))
			p.left -= n
			used += int(n)
			if p.left == 0 {
				p.bodyEnds()
			}
		case untilEnd:
			return len(b), false, nil
		default:
			n, err := p.feedLine(b[used:])
			if err != nil {
				return used, false, err
			}
			used += n
		}
	}
	return used, p.state == complete, nil
}

// End tells the parser that the connection has ended. It is an error unless the
// answer was to end so.
func (p *Parser) End() error {
	if p.state != untilEnd {
		return ErrCut
	}
	p.state = complete
	return nil
}

// feedLine reads up to the end of a line, or holds what came for later.
func (p *Parser) feedLine(b []byte) (int, error) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 || len(p.held) > 0 {
		n := end + 1
		if end < 0 {
			n = len(b)
		}
		if len(p.held)+n > maxLine {
			return 0, ErrGarbage
		}
		p.held = append(p.held, b[:n]...)
		if end < 0 {
			return n, p.plausible()
		}
		err := p.line(p.held)
		p.held = p.held[:0]
		return n, err
	}
	if end > maxLine {
		return 0, ErrGarbage
	}
	return end + 1, p.line(b[:end+1])
}

// plausible refuses a status line as early as it can be seen to be none.
func (p *Parser) plausible() error {
	if n := min(len(p.held), len(version)); p.state == statusLine && string(p.held[:n]) != version[:n] {
		return ErrGarbage
	}
	return nil
}

// line takes a whole line, with its end.
func (p *Parser) line(b []byte) error {
	b = b[:len(b)-1]
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	switch p.state {
	case statusLine:
		return p.takeStatus(b)
	case header:
		if len(b) == 0 {
			return p.headEnds()
		}
		return p.takeHeader(b)
	case chunkSize:
		return p.takeChunkSize(b)
	case trailer:
		if len(b) == 0 {
			p.state = complete
		}
	}
	return nil
}

func (p *Parser) headEnds() error {
	switch {
	case p.Status < 200:
		if p.Status == 101 {
			return ErrGarbage
		}
		p.Reset()
	case p.Status == 204 || p.Status == 304:
		p.state = complete
	case p.chunked:
		p.state = chunkSize
	case p.length == 0:
		p.state = complete
	case p.length > 0:
		p.state, p.left = fixed, p.length
	default:
		p.state, p.Close = untilEnd, true
	}
	return nil
}

func (p *Parser) bodyEnds() {
	if p.state == chunk {
		p.state = chunkSize
		return
	}
	p.state = complete
}
