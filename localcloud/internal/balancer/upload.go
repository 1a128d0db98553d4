package balancer

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
)

// upload is the rest of a request's body on its way to the target, while the
// answer is awaited and passed on. Until it is done, the buffer of the
// client's connection is the upload's.
type upload struct {
	ended  atomic.Bool  // the client has sent all
	failed atomic.Int32 // the status for a body that broke off; 0 if it did not
	sent   bool         // all has gone to the target; valid when done
	done   chan struct{}
}

var continueAnswer = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// startUpload sends what the client has still to send. A client that waits to
// be told so is told.
func (s *session) startUpload() error {
	if s.request.expects {
		if _, err := s.conn.Write(continueAnswer); err != nil {
			return err
		}
	}
	s.x.upload = &upload{done: make(chan struct{})}
	go s.runUpload(s.x.upload, s.x.conn)
	return nil
}

func (s *session) runUpload(u *upload, c *backConn) {
	defer close(u.done)
	var out []byte
	for !s.body.ended {
		if err := s.in.fill(bufferSize); err != nil {
			u.failed.Store(uploadStatus(err))
			break
		}
		var err error
		if out, err = s.in.move(out[:0], &s.body, false); err != nil {
			u.failed.Store(http.StatusBadRequest)
			break
		}
		u.ended.Store(s.body.ended)
		if _, err := c.Write(out); err != nil {
			u.refused(c, err)
			return
		}
	}
	if u.sent = s.body.ended && u.failed.Load() == 0; !u.sent {
		c.Close()
	}
}

// refused ends an upload of which the target takes no more. One that answers
// and closes before it has all of the body breaks the connection for writing,
// and its answer is still read; any other error ends the exchange.
func (u *upload) refused(c *backConn, err error) {
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		c.Close()
	}
}

// uploadStatus is the status for a client that does not send its body: 408
// for one that is silent, 460 for one that is gone.
func uploadStatus(err error) int32 {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return StatusClientClosed
	}
	return http.StatusBadRequest
}

// delivered says that the target has got all of the request.
func (u *upload) delivered() bool {
	if u == nil {
		return true
	}
	select {
	case <-u.done:
		return u.sent
	default:
		return false
	}
}

// over says that the client has sent all of its request.
func (s *session) over() bool {
	if s.x.upload == nil {
		return s.body.ended
	}
	return s.x.upload.ended.Load()
}

// stopUpload waits for the end of the upload, and gives up what the client has
// not sent: the connection is of no further use then.
func (s *session) stopUpload() {
	if s.x.upload == nil {
		return
	}
	if !s.x.upload.ended.Load() {
		s.conn.stopReading()
	}
	<-s.x.upload.done
}
