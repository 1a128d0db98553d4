package wire

import (
	"bytes"
	"math"
)

const version = "HTTP/1."

// takeStatus reads a line such as "HTTP/1.1 200 OK". HTTP/1.0 closes by default.
func (p *Parser) takeStatus(b []byte) error {
	if len(b) < 12 || string(b[:7]) != version || b[8] != ' ' || (len(b) > 12 && b[12] != ' ') {
		return ErrGarbage
	}
	status, ok := number(b[9:12])
	if !ok || status < 100 {
		return ErrGarbage
	}
	p.Status, p.Close = int(status), b[7] == '0'
	p.length, p.state = -1, header
	return nil
}

// takeHeader keeps the few fields that matter, and passes over the others by
// the length of their name alone.
func (p *Parser) takeHeader(b []byte) error {
	colon := bytes.IndexByte(b, ':')
	if colon <= 0 {
		return ErrGarbage
	}
	name, value := b[:colon], b[colon+1:]
	switch len(name) {
	case len("location"):
		if named(name, "location") {
			p.ID = lastNumber(bytes.TrimSpace(value))
		}
	case len("connection"):
		if named(name, "connection") {
			p.takeConnection(bytes.TrimSpace(value))
		}
	case len("content-length"):
		if named(name, "content-length") {
			return p.takeLength(bytes.TrimSpace(value))
		}
	case len("transfer-encoding"):
		if named(name, "transfer-encoding") {
			if !bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked")) {
				return ErrGarbage
			}
			p.chunked = true
		}
	}
	return nil
}

func (p *Parser) takeConnection(value []byte) {
	switch {
	case bytes.EqualFold(value, []byte("close")):
		p.Close = true
	case bytes.EqualFold(value, []byte("keep-alive")):
		p.Close = false
	}
}

// takeLength refuses two lengths that differ, as RFC 9112, section 6.3 asks.
func (p *Parser) takeLength(value []byte) error {
	n, ok := number(value)
	if !ok || (p.length >= 0 && p.length != n) {
		return ErrGarbage
	}
	p.length = n
	return nil
}

func (p *Parser) takeChunkSize(b []byte) error {
	if semicolon := bytes.IndexByte(b, ';'); semicolon >= 0 {
		b = b[:semicolon]
	}
	b = bytes.TrimSpace(b)
	size := int64(0)
	for _, c := range b {
		digit := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
		if digit < 0 || size > math.MaxInt32 {
			return ErrGarbage
		}
		size = size<<4 | int64(digit)
	}
	switch {
	case len(b) == 0:
		return ErrGarbage
	case size == 0:
		p.state = trailer
	default:
		p.state, p.left = chunk, size+2
	}
	return nil
}

// named compares a field's name with one in lower case, of the same length.
func named(name []byte, lower string) bool {
	for i, c := range name {
		if c|0x20 != lower[i] && c != lower[i] {
			return false
		}
	}
	return true
}

// number reads a decimal of at most 18 digits.
func number(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// lastNumber returns the last part of a path, where it is a number, else 0.
func lastNumber(path []byte) int64 {
	path = bytes.TrimSuffix(path, []byte("/"))
	n, _ := number(path[bytes.LastIndexByte(path, '/')+1:])
	return n
}
