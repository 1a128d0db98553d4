package balancer

import (
	"bytes"
	"errors"
	"fmt"
)

// head is what the heads of requests and answers have in common: a start
// line, fields, and what these say of the connection and of the body. Its
// slices are views into the buffer that it was parsed from.
//
// The parser is strict where two readers of one message could come to
// different ends of it, which is how a request is smuggled past a load
// balancer: lines end with CR LF and are not folded, nothing is between a
// field's name and its colon, and a body has one length, said in one way.
//
// Source: RFC 9112, sections 2.2, 5.1, 5.2, 6.1, 6.3 and 11.2.
type head struct {
	line   []byte // without its end
	fields []field

	length    int64 // of Content-Length; -1 for none
	chunked   bool
	closes    bool // Connection: close
	keepAlive bool // Connection: keep-alive
	upgrades  bool // Connection: upgrade
	named     [][]byte
	hosts     int
	forwarded int // fields X-Forwarded-For
}

// field is a line of a head. One that is dropped goes no further than this
// connection.
type field struct {
	line, name, value []byte
	kind              kind
	dropped           bool
}

var (
	crlf      = []byte("\r\n")
	endOfHead = []byte("\r\n\r\n")

	errLineEnd = errors.New("a line does not end with CR LF")
)

// headLength is the length of the head that text begins with, its empty line
// included, or 0 if more has to be read. seen is how much of text was looked
// through before.
func headLength(text []byte, seen int) (int, error) {
	from := max(seen-len(endOfHead), 0)
	if i := bytes.Index(text[from:], endOfHead); i >= 0 {
		return from + i + len(endOfHead), nil
	}
	for rest := text[from:]; ; {
		i := bytes.IndexByte(rest, '\n')
		switch {
		case i < 0:
			return 0, nil
		case i == 0 && from == 0 || i > 0 && rest[i-1] != '\r':
			return 0, errLineEnd // nor will it ever
		}
		rest = rest[i+1:]
	}
}

// parse takes a head apart. The text is as long as headLength says.
func (h *head) parse(text []byte) error {
	*h = head{fields: h.fields[:0], named: h.named[:0], length: -1}
	line, rest, err := cutLine(text)
	h.line = line
	for err == nil {
		if line, rest, err = cutLine(rest); err != nil || len(line) == 0 {
			break
		}
		err = h.add(line)
	}
	if err != nil {
		return err
	}
	return h.settle()
}

func cutLine(text []byte) (line, rest []byte, err error) {
	i := bytes.IndexByte(text, '\n')
	if i < 1 || text[i-1] != '\r' {
		return nil, nil, errLineEnd
	}
	return text[:i-1], text[i+1:], nil
}

func (h *head) add(line []byte) error {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 || !isToken(line[:colon]) {
		return fmt.Errorf("field %q has no proper name", line)
	}
	f := field{line: line, name: line[:colon], value: trim(line[colon+1:])}
	if !isText(f.value) {
		return fmt.Errorf("the value of field %q has a control character", f.name)
	}
	f.kind = kindOf(f.name)
	f.dropped = f.kind.hopByHop()
	err := h.note(&f)
	h.fields = append(h.fields, f)
	return err
}

// note takes up what a field says of the connection or the body.
func (h *head) note(f *field) error {
	switch f.kind {
	case connection:
		h.connection(f.value)
	case contentLength:
		return h.setLength(f)
	case transferEncoding:
		if h.chunked || !bytes.EqualFold(f.value, chunkedCoding) {
			return fmt.Errorf("transfer encoding %q is not chunked alone", f.value)
		}
		h.chunked = true
	case host:
		h.hosts++
	case forwardedFor:
		h.forwarded++
	}
	return nil
}

func (h *head) setLength(f *field) error {
	n, ok := decimal(f.value)
	if !ok || h.length >= 0 && h.length != n {
		return fmt.Errorf("content length %q is no number, or another than before", f.value)
	}
	f.dropped = h.length >= 0 // once is enough
	h.length = n
	return nil
}

var (
	chunkedCoding   = []byte("chunked")
	closeOption     = []byte("close")
	keepAliveOption = []byte("keep-alive")
	upgradeOption   = []byte("upgrade")
)

func (h *head) connection(value []byte) {
	for more := true; more; {
		var option []byte
		option, value, more = bytes.Cut(value, []byte(","))
		option = trim(option)
		switch {
		case bytes.EqualFold(option, closeOption):
			h.closes = true
		case bytes.EqualFold(option, keepAliveOption):
			h.keepAlive = true
		case bytes.EqualFold(option, upgradeOption):
			h.upgrades = true
		case len(option) > 0:
			h.named = append(h.named, option)
		}
	}
}

// settle is what can be said only of all fields together.
func (h *head) settle() error {
	if h.chunked && h.length >= 0 {
		return errors.New("the body has both a content length and a transfer encoding")
	}
	for _, name := range h.named {
		for i := range h.fields {
			f := &h.fields[i]
			if !bytes.EqualFold(f.name, name) {
				continue
			}
			if f.kind.essential() {
				return fmt.Errorf("the connection's own fields are to include %q", name)
			}
			f.dropped = true
		}
	}
	return nil
}

// field is the first one of a kind.
func (h *head) field(k kind) (value []byte) {
	for i := range h.fields {
		if h.fields[i].kind == k {
			return h.fields[i].value
		}
	}
	return nil
}

// keeps says whether the sender of the head, who speaks HTTP/1.minor, keeps
// the connection after this message.
func (h *head) keeps(minor int) bool {
	return !h.closes && (minor > 0 || h.keepAlive)
}
