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

var request = []byte("GET /api/v1/fruit/ HTTP/1.1\r\nHost: fruit.example\r\nUser-Agent: bench/1.0\r\n" +
	"Accept: application/json\r\nAccept-Encoding: gzip\r\n\r\n")

// load is a number of connections, each with one request in flight at a time.
type load struct {
	requests atomic.Int64
	stop     atomic.Bool
	conns    []net.Conn
	all      sync.WaitGroup
	broken   chan error
}

// startLoad connects and begins. It runs until end.
func startLoad(ctx context.Context, address string, connections int) (*load, error) {
	l := &load{broken: make(chan error, connections)}
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
	buf := make([]byte, 4<<10)
	for !l.stop.Load() {
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		if _, err := conn.Write(request); err != nil {
			return err
		}
		if err := readAnswer(conn, buf); err != nil {
			return err
		}
		l.requests.Add(1)
	}
	return nil
}

func readAnswer(conn net.Conn, buf []byte) error {
	for held := 0; ; {
		n, err := conn.Read(buf[held:])
		if err != nil {
			return err
		}
		held += n
		head := bytes.Index(buf[:held], endOfHead)
		if head < 0 || held < head+len(endOfHead)+len(page) {
			continue
		}
		if !bytes.HasPrefix(buf, []byte("HTTP/1.1 200 ")) || held > head+len(endOfHead)+len(page) {
			return fmt.Errorf("got the answer %q", buf[:held])
		}
		return nil
	}
}
