package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"orchard/loadrunner/internal/record"
)

// standard sends over net/http, a goroutine for each request in flight. What it
// counts is what the loop counts; a mutex stands for the one thread.
type standard struct {
	Config
	ctx    context.Context
	client *http.Client
	start  time.Time
	work   sync.WaitGroup

	mu        sync.Mutex
	source    Source
	recorder  *record.Recorder
	busy      int
	due, next uint64
}

func runStandard(ctx context.Context, c Config, s Source, r *record.Recorder) (time.Duration, error) {
	n := c.slots()
	transport := &http.Transport{
		MaxConnsPerHost: n, MaxIdleConnsPerHost: n, DisableCompression: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	h := &standard{Config: c, ctx: context.WithoutCancel(ctx), client: client, source: s, recorder: r, start: time.Now()}
	h.started(h.start)
	if c.Schedule == nil {
		h.closedLoop(ctx)
	} else {
		h.openLoop(ctx)
	}
	h.work.Wait()
	took := h.now()
	r.Finish(took)
	return took, nil
}

func (h *standard) now() time.Duration { return time.Since(h.start) }

func (h *standard) closedLoop(ctx context.Context) {
	for range h.Connections {
		h.work.Go(func() {
			for ctx.Err() == nil && h.now() < h.Length {
				h.mu.Lock()
				now := h.now()
				h.recorder.Now(now)
				h.recorder.Scheduled(0)
				h.mu.Unlock()
				if !h.exchange(ctx, now) {
					time.Sleep(2 * round)
				}
			}
		})
	}
}

// openLoop paces with the thread's own sleeps, which are not rounded as Go's timers are.
func (h *standard) openLoop(ctx context.Context) {
	var threads pacers
	defer threads.end()
	for {
		threads.look()
		h.mu.Lock()
		over := h.pace(ctx, h.now())
		h.mu.Unlock()
		if over {
			return
		}
		pause := unix.NsecToTimespec(int64(tick))
		_ = unix.Nanosleep(&pause, nil)
	}
}

// pace is the loop's, with a goroutine for each request that has a place. It returns
// whether no request is left that has none.
func (h *standard) pace(ctx context.Context, now time.Duration) bool {
	h.recorder.Now(now)
	if ctx.Err() != nil {
		for ; h.next < h.due; h.next++ {
			h.recorder.Dropped(now-h.Schedule.At(h.next), now)
		}
		return h.busy == 0
	}
	for h.due < h.Schedule.Count() && h.Schedule.At(h.due) <= now {
		h.recorder.Scheduled(now - h.Schedule.At(h.due))
		h.due++
	}
	for h.next < h.due && now >= h.Schedule.At(h.next)+h.Timeout {
		h.recorder.Late(now-h.Schedule.At(h.next), now)
		h.next++
	}
	for h.next < h.due && h.busy < h.Config.slots() {
		at := h.Schedule.At(h.next)
		h.next++
		h.busy++
		h.work.Go(func() {
			h.exchange(ctx, at)
			h.mu.Lock()
			h.busy--
			h.mu.Unlock()
		})
	}
	return h.next == h.Schedule.Count() && h.busy == 0
}

// exchange carries a request through all its attempts, and tells whether it was
// answered. When the run is stopped it has a little more.
func (h *standard) exchange(stop context.Context, scheduled time.Duration) bool {
	h.mu.Lock()
	r := Request{Attempts: 1}
	h.source.Next(&r)
	h.mu.Unlock()
	ctx, cancel := context.WithDeadline(h.ctx, h.start.Add(scheduled+h.Timeout))
	defer cancel()
	defer context.AfterFunc(stop, func() { time.AfterFunc(grace, cancel) })()
	for attempt := 1; ; attempt++ {
		o, started := h.attempt(ctx, &r)
		pause := backoff(attempt)
		last := attempt >= r.Attempts || stop.Err() != nil || h.now()+pause >= scheduled+h.Timeout
		if last || (o.Status != 0 && !again(o.Status)) {
			o.Repeated = attempt > 1
			h.finish(&r, o, scheduled, started, stop.Err() != nil)
			return o.Status != 0
		}
		time.Sleep(pause)
		h.mu.Lock()
		h.recorder.Retried()
		h.mu.Unlock()
	}
}

func (h *standard) finish(r *Request, o Outcome, scheduled, started time.Duration, stopped bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	h.recorder.Now(now)
	if o.Status == 0 {
		if stopped && o.Failure == record.Timeout {
			o.Failure = record.Stopped
		}
		h.recorder.Failed(r.Kind, o.Failure, now-scheduled, now-started, now)
	} else {
		h.recorder.Answered(r.Kind, o.Status, now-scheduled, now-started, now)
	}
	h.source.Done(r, o)
}

// attempt sends once.
func (h *standard) attempt(ctx context.Context, r *Request) (Outcome, time.Duration) {
	if r.Attempts > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.Timeout/time.Duration(r.Attempts))
		defer cancel()
	}
	started := h.now()
	req, err := h.request(ctx, r.Bytes)
	if err != nil {
		return Outcome{Failure: record.Connect}, started
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return Outcome{Failure: standardFailure(err)}, started
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return Outcome{Failure: standardFailure(err)}, started
	}
	id, _ := strconv.ParseInt(lastPart(resp.Header.Get("Location")), 10, 64) // 0 without one
	return Outcome{Status: resp.StatusCode, ID: id}, started
}

func lastPart(path string) string {
	path = strings.TrimSuffix(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// request reads the source's bytes as a client's request.
func (h *standard) request(ctx context.Context, b []byte) (*http.Request, error) {
	parsed, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(parsed.Body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, parsed.Method, "https://"+h.Address+parsed.RequestURI, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header, req.Host = parsed.Header, parsed.Host
	return req, nil
}

func standardFailure(err error) record.Failure {
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		return record.Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return record.Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return record.Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return record.Cut
	case strings.Contains(err.Error(), "malformed HTTP"):
		return record.Garbage
	}
	return record.Connect
}
