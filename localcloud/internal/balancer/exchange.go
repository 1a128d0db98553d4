package balancer

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"syscall"
)

// sink is where requests are written. It hides bufio's ReadFrom, which must
// not be flushed from within the reader as upload does.
type sink struct{ w *bufio.Writer }

func (s *sink) Write(p []byte) (int, error)          { return s.w.Write(p) }
func (s *sink) WriteByte(b byte) error               { return s.w.WriteByte(b) }
func (s *sink) WriteString(text string) (int, error) { return s.w.WriteString(text) }

// upload is a request's body on its way to the target. Before it waits for
// more from the client, what there is goes out.
type upload struct {
	body   io.ReadCloser
	out    *bufio.Writer
	left   int64        // bytes that the client has still to send; negative if unknown
	stop   func()       // gives up what the client has not sent
	ended  atomic.Bool  // the client has sent all
	sent   atomic.Bool  // all has gone to the target
	failed atomic.Int32 // the status for a body that broke off; 0 if it did not
}

func (u *upload) Read(p []byte) (int, error) {
	if err := u.out.Flush(); err != nil {
		return 0, err
	}
	n, err := u.body.Read(p)
	if u.left > 0 {
		u.left -= int64(n)
	}
	switch {
	case err == io.EOF, u.left == 0:
		u.ended.Store(true)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		u.failed.Store(StatusClientClosed)
	case err != nil:
		u.failed.Store(http.StatusBadRequest)
	}
	return n, err
}

func (u *upload) Close() error { return u.body.Close() }

// giveUp stops reading from the client if the exchange is over before the
// client has sent all.
func (u *upload) giveUp() {
	if u != nil && u.stop != nil && !u.ended.Load() {
		u.stop()
	}
}

// send writes a request. A body is written while the answer is awaited; it
// is nil where there is none.
func (c *backConn) send(req *http.Request) (*upload, error) {
	if req.Body == nil {
		return nil, c.write(req)
	}
	u := &upload{body: req.Body, out: c.out.w, left: req.ContentLength}
	u.stop, _ = req.Context().Value(uploadKey{}).(func())
	req.Body = u
	go c.upload(req, u)
	return u, nil
}

// upload sends a request with a body. A target that answers and closes
// before it has all of the body breaks the connection for writing, and its
// answer is still read; any other error ends the exchange.
func (c *backConn) upload(req *http.Request, u *upload) {
	err := c.write(req)
	switch {
	case err == nil:
		u.ended.Store(true)
		u.sent.Store(true)
	case !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET), u.failed.Load() != 0:
		c.cut()
	}
}

func (c *backConn) write(req *http.Request) error {
	if err := req.Write(&c.out); err != nil {
		return err
	}
	return c.out.w.Flush()
}

// exchange is an answer's body. Its end frees the connection.
type exchange struct {
	backend *backend
	conn    *backConn
	upload  *upload
	stop    func() bool // of the context's watch on the connection
	done    func()
	keep    bool // both sides want the connection kept
	body    io.ReadCloser
	over    bool
}

// attach puts the exchange in the answer's place of the body.
func (b *backend) attach(resp *http.Response, x *exchange) {
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		resp.Body = upgraded{x}
	case resp.Body == http.NoBody:
		x.finish(true)
	default:
		x.body = resp.Body
		resp.Body = x
	}
}

func (x *exchange) Read(p []byte) (int, error) {
	n, err := x.body.Read(p)
	if err == io.EOF {
		x.finish(true)
	}
	return n, err
}

// Close gives up what has not been read.
func (x *exchange) Close() error {
	x.finish(false)
	return nil
}

func (x *exchange) finish(complete bool) {
	if x.over {
		return
	}
	x.over = true
	alive := x.stop()
	x.upload.giveUp()
	sent := x.upload == nil || x.upload.sent.Load()
	if complete && alive && sent && x.keep && x.conn.peek != nil {
		x.backend.put(x.conn)
	} else {
		x.backend.drop(x.conn)
	}
	x.done()
}

// upgraded is the connection after the target has switched protocols. Any
// traffic in either direction keeps it from being idle.
type upgraded struct{ x *exchange }

func (u upgraded) Read(p []byte) (int, error)  { return u.x.conn.in.Read(p) }
func (u upgraded) Write(p []byte) (int, error) { return u.x.conn.Write(p) }
func (u upgraded) Close() error                { return u.x.Close() }
