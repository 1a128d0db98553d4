package postgres

import (
	"bufio"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// maxGreeting bounds a message of the primary before its first ready.
const maxGreeting = 64 << 10

// backend is the primary's side of a connection.
type backend struct {
	conn  *net.UnixConn
	rest  *bufio.Reader   // what the primary sent after the first ready
	moved <-chan struct{} // closed when the connection must be cut
	key   cancelKey
}

// attach connects to the primary as the verified user and passes on what it
// says until it is ready, which is also when it refuses.
func (e *Endpoint) attach(ctx context.Context, client net.Conn, startup *pgproto3.StartupMessage) (*backend, error) {
	socket, moved, err := e.config.Primary()
	if err != nil {
		return nil, notAccepting(err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, notAccepting(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	b := &backend{conn: conn.(*net.UnixConn), rest: bufio.NewReader(conn), moved: moved, key: cancelKey{socket: socket}}
	err = e.greet(client, b, startup)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		e.cancels.remove(b.key)
		return nil, errors.Join(err, conn.Close())
	}
	return b, nil
}

// greet sends the startup message and passes on the answers.
func (e *Endpoint) greet(client net.Conn, b *backend, startup *pgproto3.StartupMessage) error {
	packet, err := startup.Encode(nil)
	if err != nil {
		return err
	}
	if _, err := b.conn.Write(packet); err != nil {
		return &refusal{code: stateNoPrimary, message: "the database system is shutting down", reason: err}
	}
	var answers []byte
	for {
		kind, body, err := readMessage(b.rest, maxGreeting)
		if err != nil {
			return &refusal{code: stateNoPrimary, message: "the database system is shutting down", reason: err}
		}
		answers = appendMessage(answers, kind, body)
		switch kind {
		case 'R':
			if len(body) != 4 || body[3] != 0 {
				return &refusal{code: stateNoRule, message: "the primary asks for a password, which it should not"}
			}
		case 'K':
			var key pgproto3.BackendKeyData
			if err := key.Decode(body); err != nil {
				return fmt.Errorf("read cancel key: %w", err)
			}
			b.key.pid, b.key.secret = key.ProcessID, key.SecretKey
			e.cancels.add(b.key)
		case 'E':
			_, _ = client.Write(answers)
			return refusedBy(body)
		case 'Z':
			_, err := client.Write(answers)
			return err
		}
	}
}

// refusedBy is the primary's own refusal, for the log.
func refusedBy(body []byte) error {
	var response pgproto3.ErrorResponse
	if err := response.Decode(body); err != nil {
		return err
	}
	return fmt.Errorf("primary refuses: %s (SQLSTATE %s)", response.Message, response.Code)
}

func appendMessage(packet []byte, kind byte, body []byte) []byte {
	length := uint32(len(body) + 4)
	packet = append(packet, kind, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	return append(packet, body...)
}

// splice copies both ways until an end closes, the primary is another one,
// or the context ends.
func splice(ctx context.Context, client net.Conn, b *backend) {
	ended := make(chan struct{})
	var once sync.Once
	var copies sync.WaitGroup
	copies.Go(func() {
		_, _ = io.Copy(b.conn, client)
		_ = b.conn.CloseWrite() // the primary ends the session then
	})
	copies.Go(func() {
		defer once.Do(func() { close(ended) })
		_, err := io.CopyBuffer(writerOnly{client}, readerOnly{b.rest}, make([]byte, 32<<10))
		if secure, ok := client.(*tls.Conn); ok && err == nil {
			_ = secure.CloseWrite()
		}
	})
	select {
	case <-ctx.Done():
	case <-b.moved:
	case <-ended:
	}
	_ = client.Close()
	_ = b.conn.Close()
	copies.Wait()
}

// readerOnly and writerOnly keep io.CopyBuffer to its buffer; the buffered
// reader's own WriteTo would copy in small pieces.
type (
	readerOnly struct{ io.Reader }
	writerOnly struct{ io.Writer }
)

// cancelKey is what a cancel request must know, and where it goes.
type cancelKey struct {
	socket string
	pid    uint32
	secret []byte
}

// cancelKeys are the keys of the connections that are open.
type cancelKeys struct {
	mu   sync.Mutex
	keys map[uint32]cancelKey // by process id, of which the machine has one at a time
}

func newCancelKeys() *cancelKeys { return &cancelKeys{keys: map[uint32]cancelKey{}} }

func (c *cancelKeys) add(key cancelKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys[key.pid] = key
}

// remove forgets the key, unless the process id is another connection's now.
func (c *cancelKeys) remove(key cancelKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if subtle.ConstantTimeCompare(c.keys[key.pid].secret, key.secret) == 1 {
		delete(c.keys, key.pid)
	}
}

func (c *cancelKeys) find(pid uint32, secret []byte) (cancelKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, ok := c.keys[pid]
	return key, ok && subtle.ConstantTimeCompare(key.secret, secret) == 1
}

// relayCancel passes a cancel request on to the server that runs the query.
// As with PostgreSQL, the client gets no answer either way.
func (e *Endpoint) relayCancel(ctx context.Context, packet []byte) {
	var request pgproto3.CancelRequest
	if err := request.Decode(packet); err != nil {
		return
	}
	key, ok := e.cancels.find(request.ProcessID, request.SecretKey)
	if !ok {
		return
	}
	if err := forwardCancel(ctx, key.socket, &request); err != nil {
		e.config.Log.Warn("cancel request not passed on", "error", err)
	}
}

func forwardCancel(ctx context.Context, socket string, request *pgproto3.CancelRequest) error {
	packet, err := request.Encode(nil)
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := conn.Write(packet); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn) // closed when the request is done
	return err
}
