package web

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

// Of one request more than there are slots for, all waiting for the database, one is
// answered at once, whichever it is; health checks still answer, and the others go on.
func TestLoadIsShed(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	lock, err := s.owner.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(context.Background(), "LOCK TABLE fruit"); err != nil {
		t.Fatal(err)
	}
	answers := make(chan answer, maxInFlight+1)
	var sent sync.WaitGroup
	for range maxInFlight + 1 {
		sent.Go(func() { answers <- s.do("GET", "/api/v1/fruit/1/", "") })
	}
	shed := <-answers // while the lock is held, so none of those that wait
	s.checkProblem(shed, "the request that found no slot", 503, "busy")
	if got := shed.Header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After: got %q, want 1", got)
	}
	s.want("GET", "/livez", "", 200, `{"ApplicationHealthState":"Healthy"}`)
	if err := lock.Rollback(context.Background()); err != nil {
		t.Fatal(err)
	}
	sent.Wait()
	close(answers)
	for a := range answers {
		if a.Status != 200 {
			t.Errorf("a request that waited: got %d %s, want 200", a.Status, a.Body)
		}
	}
	s.awaitMetric("orchard_http_requests_shed_total 1")
}

// A client that hangs up costs no database connection.
func TestHangingUpKeepsConnections(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	before := s.pool.Stat().NewConnsCount()
	for range 100 {
		s.raw(t, "PUT", "/api/v1/fruit/1/", "X: y", `{"stock": 10}`) // hangs up its half at once
	}
	s.want("GET", "/api/v1/fruit/1/", "", 200, apple)
	if after := s.pool.Stat().NewConnsCount(); after > before+4 {
		t.Errorf("connections opened for 100 clients that hung up: got %d, want at most the pool's 4", after-before)
	}
}

func (s *service) awaitMetric(line string) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		text := scrape(s)
		if strings.Contains(text, "\n"+line+"\n") {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("metrics never said %q:\n%s", line, text)
		}
		<-tick.C
	}
}
