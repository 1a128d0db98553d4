package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// load is a number of connections, each with one request in flight at a time.
type load struct {
	kind     kind
	requests atomic.Int64
	stop     atomic.Bool
	conns    []net.Conn
	all      sync.WaitGroup
	broken   chan error
}

// startLoad connects and begins. It runs until end.
func startLoad(ctx context.Context, k kind, address string, connections int) (*load, error) {
	l := &load{kind: k, broken: make(chan error, connections)}
	for range connections {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, errors.Join(err, l.end())
		}
		l.conns = append(l.conns, conn)
		l.all.Go(func() {
			if err := l.ask(conn); err != nil && !l.stop.Load() {
				l.broken <- err
			}
		})
	}
	return l, nil
}

// end ends the load. The error is that of a request that was not answered as
// it should be.
func (l *load) end() error {
	l.stop.Store(true)
	for _, conn := range l.conns {
		conn.Close()
	}
	l.all.Wait()
	select {
	case err := <-l.broken:
		return fmt.Errorf("the load broke off: %w", err)
	default:
		return nil
	}
}

func (l *load) ask(conn net.Conn) error {
	request, page := l.kind.request(), l.kind.page()
	buf := make([]byte, 64<<10)
	for !l.stop.Load() {
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		if _, err := conn.Write(request); err != nil {
			return err
		}
		if err := readAnswer(conn, buf, page); err != nil {
			return err
		}
		l.requests.Add(1)
	}
	return nil
}

// readAnswer reads an answer 200 with a page of that length.
func readAnswer(conn net.Conn, buf []byte, page int) error {
	held, head := 0, -1
	for head < 0 {
		n, err := conn.Read(buf[held:])
		if err != nil {
			return err
		}
		held += n
		head = bytes.Index(buf[:held], endOfHead)
	}
	if !bytes.HasPrefix(buf, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("got the answer %q", buf[:head])
	}
	left := page - (held - head - len(endOfHead))
	for left > 0 {
		n, err := conn.Read(buf)
		if err != nil {
			return err
		}
		left -= n
	}
	if left < 0 {
		return errors.New("the answer is longer than it should be")
	}
	return nil
}
