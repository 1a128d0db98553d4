package balancer

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// spliced is how much is left to the kernel at once, in bytes.
const spliced = 1 << 20

var carryBuffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// carry moves bytes until src has sent all, and counts them. What comes in
// small pieces is read and written, two system calls for each; what fills the
// buffer is the beginning of much, and the kernel splices what follows, which
// takes more calls but copies nothing.
func carry(dst, src *net.TCPConn, moved *atomic.Int64) error {
	buffer := carryBuffers.Get().(*[bufferSize]byte)
	defer carryBuffers.Put(buffer)
	for {
		n, err := src.Read(buffer[:])
		if n > 0 {
			if _, err := dst.Write(buffer[:n]); err != nil {
				return err
			}
			moved.Add(int64(n))
		}
		if err == nil && n == len(buffer) {
			var more int64
			more, err = io.CopyN(dst, src, spliced)
			moved.Add(more)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
