package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// The addresses of a run. The targets are alike and in one process.
var (
	targetAddresses  = []string{"127.83.0.1:18080", "127.83.0.2:18080", "127.83.0.3:18080", "127.83.0.4:18080"}
	haproxyAddresses = []string{"127.83.1.1:18080", "127.83.1.1:18081"} // layer 7, layer 4
	ownAddresses     = []string{"127.83.1.2:18080", "127.83.1.2:18081"}
)

const warmUp = 500 * time.Millisecond

// sample is one run of one proxy.
type sample struct {
	rate float64 // requests/s
	cpu  float64 // of the proxy's process, µs for a request
}

func (p plan) measure(ctx context.Context) (*result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "bench-balancer-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	config, err := writeHAProxy(folder, p.threads, haproxyAddresses[0], haproxyAddresses[1], targetAddresses)
	if err != nil {
		return nil, err
	}
	targets, err := start(ctx, p.threads, self, targetAddresses, append([]string{"targets"}, targetAddresses...)...)
	if err != nil {
		return nil, err
	}
	defer targets.stop()
	haproxy, err := start(ctx, p.threads, p.haproxy, haproxyAddresses, "-db", "-f", config)
	if err != nil {
		return nil, err
	}
	defer haproxy.stop()
	own, err := start(ctx, p.threads, self, ownAddresses, append([]string{"balancer", ownAddresses[0], ownAddresses[1]}, targetAddresses...)...)
	if err != nil {
		return nil, err
	}
	defer own.stop()
	return p.compare(ctx, haproxy, own)
}

// compare lets the proxies take turns, each first every second time.
func (p plan) compare(ctx context.Context, haproxy, own *process) (*result, error) {
	r := &result{Runs: p.runs, Seconds: p.length.Seconds(), Threads: p.threads, Connections: p.connections}
	for _, k := range kinds {
		l := &row{Name: k.name}
		r.Rows = append(r.Rows, l)
		at := 1
		if k.layer7 {
			at = 0
		}
		turns := []struct {
			of      *process
			address string
			samples *[]sample
		}{{haproxy, haproxyAddresses[at], &l.haproxy}, {own, ownAddresses[at], &l.own}}
		for range p.runs {
			for _, turn := range turns {
				s, err := p.sample(ctx, k, turn.of, turn.address)
				if err != nil {
					return nil, fmt.Errorf("%s through %s: %w", k.name, turn.address, err)
				}
				*turn.samples = append(*turn.samples, s)
			}
			turns[0], turns[1] = turns[1], turns[0]
		}
		l.summarize()
	}
	return r, nil
}

// sample is one run.
func (p plan) sample(ctx context.Context, k kind, proxy *process, address string) (s sample, err error) {
	load, err := startLoad(ctx, k, address, p.connections)
	if err != nil {
		return s, err
	}
	defer func() {
		if ended := load.end(); err == nil {
			err = ended
		}
	}()
	if err := wait(ctx, warmUp); err != nil {
		return s, err
	}
	begin, before := time.Now(), load.requests.Load()
	used, err := proxy.cpu()
	if err != nil {
		return s, err
	}
	if err := wait(ctx, p.length); err != nil {
		return s, err
	}
	usedThen, err := proxy.cpu()
	requests, took := float64(load.requests.Load()-before), time.Since(begin)
	if err != nil || requests == 0 {
		return s, fmt.Errorf("no request was answered: %w", err)
	}
	return sample{rate: requests / took.Seconds(), cpu: float64((usedThen - used).Microseconds()) / requests}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
