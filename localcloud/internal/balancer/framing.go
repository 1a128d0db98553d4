package balancer

import (
	"errors"
	"math"
)

// framing finds the end of a body, and what of it is payload.
type framing struct {
	left    int64 // bytes of payload to come, of the chunk if it is chunked
	chunked bool
	ended   bool
	state   chunkState
	line    int // bytes of the line so far
	trailer int // bytes of the trailer so far
}

// chunkState is the part of a chunked body that the next byte belongs to.
type chunkState uint8

const (
	chunkSize     chunkState = iota
	chunkExtra               // an extension, after the size
	chunkSizeEnd             // LF after the size
	chunkData                // payload
	chunkDataEnd             // CR after the payload
	chunkDataEnd2            // LF after the payload
	trailerStart             // the first byte of a line of the trailer, or CR of the last
	trailerLine
	trailerEnd // LF after a line of the trailer
	chunksEnd  // LF of the last line
)

const (
	maxSizeDigits = 15 // hexadecimal
	maxChunkLine  = 1 << 10
	maxTrailer    = 8 << 10
)

var errChunk = errors.New("a chunk is malformed")

func noBody() framing               { return framing{ended: true} }
func untilClose() framing           { return framing{left: math.MaxInt64} }
func ofLength(n int64) framing      { return framing{left: n, ended: n == 0} }
func inChunks() framing             { return framing{chunked: true} }
func (f *framing) untilClose() bool { return !f.chunked && f.left > math.MaxInt64/2 }

// next takes apart what p begins with: bytes that frame the body, and after
// them payload. It is called until all is used or the body has ended.
//
// Source: RFC 9112, section 7.1. White space around an extension is refused.
func (f *framing) next(p []byte) (frame, payload int, err error) {
	for f.chunked && !f.ended && f.state != chunkData && frame < len(p) {
		if err := f.step(p[frame]); err != nil {
			return frame, 0, err
		}
		frame++
	}
	if f.ended || f.chunked && f.state != chunkData {
		return frame, 0, nil
	}
	payload = int(min(int64(len(p)-frame), f.left))
	f.left -= int64(payload)
	if f.left == 0 {
		f.ended = !f.chunked
		f.state = chunkDataEnd
	}
	return frame, payload, nil
}

// step takes one byte that frames the body.
func (f *framing) step(c byte) error {
	f.line++
	switch f.state {
	case chunkSize, chunkExtra:
		return f.size(c)
	case chunkSizeEnd:
		return f.expect(c, '\n', f.afterSize())
	case chunkDataEnd:
		return f.expect(c, '\r', chunkDataEnd2)
	case chunkDataEnd2:
		f.line, f.left = 0, 0
		return f.expect(c, '\n', chunkSize)
	case trailerEnd:
		return f.expect(c, '\n', trailerStart)
	case chunksEnd:
		f.ended = true
		return f.expect(c, '\n', chunksEnd)
	}
	return f.trail(c)
}

func (f *framing) expect(c, want byte, then chunkState) error {
	if c != want {
		return errChunk
	}
	f.state = then
	return nil
}

func (f *framing) afterSize() chunkState {
	if f.left == 0 {
		return trailerStart
	}
	return chunkData
}

func (f *framing) size(c byte) error {
	digit, isDigit := hexDigit(c)
	switch {
	case c == '\r' && f.line > 1:
		f.state = chunkSizeEnd
	case f.state == chunkSize && isDigit && f.line <= maxSizeDigits:
		f.left = f.left<<4 | digit
	case f.state == chunkSize && c == ';' && f.line > 1:
		f.state = chunkExtra
	case f.state == chunkExtra && isText([]byte{c}) && f.line <= maxChunkLine:
	default:
		return errChunk
	}
	return nil
}

func hexDigit(c byte) (int64, bool) {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0'), true
	case 'a' <= c && c <= 'f':
		return int64(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return int64(c-'A') + 10, true
	}
	return 0, false
}

// trail takes one byte of the fields after the last chunk.
func (f *framing) trail(c byte) error {
	f.trailer++
	switch {
	case c == '\r' && f.state == trailerStart:
		f.state = chunksEnd
	case c == '\r':
		f.state = trailerEnd
	case f.trailer > maxTrailer, f.state == trailerStart && !tokens[c], !isText([]byte{c}):
		return errChunk
	default:
		f.state = trailerLine
	}
	return nil
}
