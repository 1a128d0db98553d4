package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

const connections = 32

// sample is what one run of one subject gave.
type sample struct {
	rate float64 // requests/s
	p99  time.Duration
}

// request makes the bytes of one request; n differs for each.
type request func(n int) []byte

var requests = map[string]func(seed, rows int) request{
	"list": func(int, int) request {
		r := []byte("GET /api/v1/fruit/ HTTP/1.1\r\nHost: bench\r\n\r\n")
		return func(int) []byte { return r }
	},
	"entry": func(_, rows int) request {
		return func(n int) []byte {
			return fmt.Appendf(nil, "GET /api/v1/fruit/%d/ HTTP/1.1\r\nHost: bench\r\n\r\n", n*7919%rows+1)
		}
	},
	"create": func(seed, _ int) request {
		return func(n int) []byte {
			body := fmt.Sprintf(`{"name": "bench-%d-%d", "price": "1.25", "stock": 10}`, seed, n)
			return fmt.Appendf(nil, "POST /api/v1/fruit/ HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
	},
}

// load drives a server for a while from all connections.
func load(ctx context.Context, address string, length time.Duration, next request) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	times := make([][]time.Duration, connections)
	errs := make([]error, connections)
	var all sync.WaitGroup
	started := time.Now()
	for i := range connections {
		all.Go(func() { times[i], errs[i] = drive(ctx, address, i, next) })
	}
	all.Wait()
	took := time.Since(started)
	for _, err := range errs {
		if err != nil {
			return sample{}, err
		}
	}
	every := slices.Concat(times...)
	slices.Sort(every)
	return sample{rate: float64(len(every)) / took.Seconds(), p99: every[len(every)*99/100]}, nil
}

func drive(ctx context.Context, address string, first int, next request) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	var times []time.Duration
	for n := first; ctx.Err() == nil; n += connections {
		started := time.Now()
		if _, err := conn.Write(next(n)); err != nil {
			return nil, err
		}
		if err := readAnswer(r); err != nil {
			return nil, err
		}
		times = append(times, time.Since(started))
	}
	return times, nil
}

var contentLength = []byte("Content-Length: ")

// readAnswer reads one answer of a known or chunked length; a status that is no 2xx is an error.
func readAnswer(r *bufio.Reader) error {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(status) < 12 || status[9] != '2' {
		return fmt.Errorf("answer: %s", bytes.TrimSpace(status))
	}
	length := -1
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return discardChunks(r)
	}
	_, err = r.Discard(length)
	return err
}

func discardChunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, r, n+2); err != nil || n == 0 {
			return err
		}
	}
}
