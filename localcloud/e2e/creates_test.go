package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// creates sends creates through the load balancer at a steady rate, each under
// an idempotency key of its own and again until it is acknowledged, and keeps
// book of what was.
type creates struct {
	url, token string

	mu           sync.Mutex
	sent         int
	repeated     int             // attempts beyond the first
	acknowledged map[string]ack  // by the fruit's name
	refused      []string        // answers that no client should get
	keep         *http.Transport // connections are kept, and made anew when they broke
}

// ack is an acknowledged create.
type ack struct {
	at       time.Time
	location string
}

const (
	createRate     = 200 // creates/s
	creators       = 100 // clients that create at a time
	createPatience = 5 * time.Second
)

func (s *stack) newCreates() *creates {
	keep := &http.Transport{MaxIdleConnsPerHost: creators, MaxConnsPerHost: creators}
	return &creates{url: s.url + "/api/v1/fruit/", token: s.token, acknowledged: map[string]ack{}, keep: keep}
}

// run creates until ctx ends, and returns when each is acknowledged.
func (c *creates) run(ctx context.Context) {
	due := make(chan string, 10_000)
	var workers sync.WaitGroup
	for range creators {
		workers.Go(func() {
			for name := range due {
				c.create(name)
			}
		})
	}
	ticker := time.NewTicker(time.Second / createRate)
	defer ticker.Stop()
	for ctx.Err() == nil {
		c.mu.Lock()
		c.sent++
		name := fmt.Sprintf("fruit-%06d", c.sent)
		c.mu.Unlock()
		due <- name
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	close(due)
	workers.Wait()
	c.keep.CloseIdleConnections()
}

// create makes one fruit, however many attempts that takes within a minute.
func (c *creates) create(name string) {
	client := &http.Client{Transport: c.keep, Timeout: createPatience}
	pause := time.NewTicker(50 * time.Millisecond)
	defer pause.Stop()
	for begun := time.Now(); time.Since(begun) < time.Minute; <-pause.C {
		if c.attempt(client, name) {
			return
		}
	}
	c.refuse(name + ": not acknowledged within a minute")
}

func (c *creates) refuse(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = append(c.refused, why)
}

// attempt says whether the create has had its last answer.
func (c *creates) attempt(client *http.Client, name string) bool {
	req, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(fmt.Sprintf(`{"name":%q,"price":"1.25","stock":10}`, name)))
	if err != nil {
		c.refuse(err.Error())
		return true
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Idempotency-Key", name)
	resp, err := client.Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil && resp.StatusCode == http.StatusCreated:
		c.acknowledged[name] = ack{time.Now(), resp.Header.Get("Location")}
	case err == nil && resp.StatusCode < 500:
		c.refused = append(c.refused, fmt.Sprintf("%s: answered %d", name, resp.StatusCode))
	default:
		c.repeated++
		return false
	}
	return true
}

// blackout is how long after a time the longest pause without a create being
// acknowledged ended.
func (c *creates) blackout(from time.Time) (end, longest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	times := []time.Time{from}
	for _, a := range c.acknowledged {
		if a.at.After(from) {
			times = append(times, a.at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := 1; i < len(times); i++ {
		if pause := times[i].Sub(times[i-1]); pause > longest {
			longest, end = pause, times[i].Sub(from)
		}
	}
	return end, longest
}

func (c *creates) repeats() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.repeated
}

// page is what is read of a list of fruit.
type page struct {
	Objects []struct {
		Name string `json:"name"`
		Path string `json:"resource_uri"`
	} `json:"objects"`
}

// stored are the paths of the fruit in the database, by name.
func (s *stack) stored() map[string][]string {
	s.t.Helper()
	found := map[string][]string{}
	for offset := 0; ; offset += 1000 {
		var p page
		s.eventually("a page of fruit", 30*time.Second, func() (bool, string) {
			status, _, body, err := s.tryAsk(http.MethodGet, fmt.Sprintf("/api/v1/fruit/?limit=1000&offset=%d", offset), "")
			p = page{}
			return err == nil && json.Unmarshal([]byte(body), &p) == nil && status == http.StatusOK, fmt.Sprint(status, err)
		})
		for _, f := range p.Objects {
			found[f.Name] = append(found[f.Name], f.Path)
		}
		if len(p.Objects) < 1000 {
			return found
		}
	}
}
