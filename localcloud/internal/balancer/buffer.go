package balancer

import "errors"

// bufferSize is how much is read of a connection at once, in bytes. Most
// messages fit, so that one read and one write pass them on.
const bufferSize = 16 << 10

var errTooLong = errors.New("the head is too long")

// buffer is what has been read of a connection and is not yet used.
type buffer struct {
	from       *conn
	data       []byte
	start, end int
}

func newBuffer(from *conn) buffer { return buffer{from: from, data: make([]byte, bufferSize)} }

func (b *buffer) bytes() []byte { return b.data[b.start:b.end] }
func (b *buffer) empty() bool   { return b.start == b.end }

// use marks the first n bytes as used. They stay readable until fill.
func (b *buffer) use(n int) {
	b.start += n
	if b.start == b.end {
		b.start, b.end = 0, 0
	}
}

// fill reads once, behind what there is already, of which there may not be
// more than limit bytes.
func (b *buffer) fill(limit int) error {
	if b.end-b.start >= limit {
		return errTooLong
	}
	if b.end == len(b.data) {
		b.makeRoom()
	}
	n, err := b.from.Read(b.data[b.end:])
	b.end += n
	if n > 0 {
		return nil // the error comes again with the next one
	}
	return err
}

func (b *buffer) makeRoom() {
	data := b.data
	if b.end-b.start > len(data)/2 {
		data = make([]byte, 2*len(data))
	}
	b.end = copy(data, b.bytes())
	b.start, b.data = 0, data
}

// move appends to out what the buffer has of a body: all of it, or bare
// payload.
func (b *buffer) move(out []byte, f *framing, bare bool) ([]byte, error) {
	for !b.empty() && !f.ended {
		frame, payload, err := f.next(b.bytes())
		if err != nil {
			return out, err
		}
		piece := b.bytes()[:frame+payload]
		if bare {
			piece = piece[frame:]
		}
		out = append(out, piece...)
		b.use(frame + payload)
	}
	return out, nil
}
