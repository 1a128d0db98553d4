package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"orchard/localcloud/internal/balancer"
	"orchard/localcloud/internal/health"
)

// serveBalancer leads one address at layer 7 and one at layer 4 to the
// targets.
func serveBalancer(ctx context.Context, http, tcp string, targets []string) error {
	matcher, err := health.ParseMatcher("200")
	if err != nil {
		return err
	}
	pool, err := balancer.NewPool(balancer.PoolConfig{
		Check: balancer.Check{
			Path: "/livez", Interval: 2 * time.Second, Timeout: time.Second, Matcher: matcher,
			Thresholds: health.Thresholds{InitialSuccesses: 1, Healthy: 2, Unhealthy: 3},
		},
		FailOpen: true, Dial: new(net.Dialer).DialContext,
	})
	if err != nil {
		return err
	}
	var members []balancer.Target
	for i, address := range targets {
		members = append(members, balancer.Target{ID: fmt.Sprint("target ", i), Address: address})
	}
	pool.SetTargets(members)
	logger := slog.New(slog.DiscardHandler)
	l7, err := balancer.Listen(balancer.ListenerConfig{Address: http, Pool: pool, IdleTimeout: time.Minute, Logger: logger})
	if err != nil {
		return err
	}
	l4, err := balancer.ListenFlows(balancer.FlowConfig{Address: tcp, Pool: pool, IdleTimeout: 4 * time.Minute, Logger: logger})
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	for _, run := range []func(context.Context) error{pool.Run, l7.Run, l4.Run} {
		all.Go(func() { _ = run(ctx) }) // a process that ends early fails its run
	}
	all.Wait()
	return nil
}

// haproxyConfig does what the balancer does: turns, checks, forwarded fields,
// kept connections.
const haproxyConfig = `
global
	nbthread %[1]d
	maxconn 4096
defaults
	timeout connect 10s
	timeout client 60s
	timeout server 60s
	timeout check 1s
	balance roundrobin
	option splice-auto
	option httpchk GET /livez
frontend http
	mode http
	bind %[2]s
	option forwardfor
	http-request set-header X-Forwarded-Proto http
	http-request set-header X-Forwarded-Port %[3]s
	default_backend http
backend http
	mode http
	http-reuse always
%[5]s
frontend tcp
	mode tcp
	timeout client 240s
	bind %[4]s
	default_backend tcp
backend tcp
	mode tcp
	timeout server 240s
%[5]s
`

func writeHAProxy(folder string, threads int, http, tcp string, targets []string) (file string, err error) {
	var servers strings.Builder
	for i, address := range targets {
		fmt.Fprintf(&servers, "\tserver target%d %s check inter 2s\n", i, address)
	}
	_, port, err := net.SplitHostPort(http)
	if err != nil {
		return "", err
	}
	file = filepath.Join(folder, "haproxy.cfg")
	return file, os.WriteFile(file, fmt.Appendf(nil, haproxyConfig, threads, http, port, tcp, servers.String()), 0o600)
}

// process is one that a run needs.
type process struct {
	command *exec.Cmd
	name    string
}

// start runs a program that listens on the addresses, and waits until it does.
func start(ctx context.Context, threads int, name string, addresses []string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, name, args...), name: filepath.Base(name)}
	p.command.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(threads))
	p.command.Stderr = os.Stderr
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	for _, address := range addresses {
		if err := awaitAddress(ctx, address); err != nil {
			p.stop()
			return nil, fmt.Errorf("start %s: %w", p.name, err)
		}
	}
	return p, nil
}

func awaitAddress(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		if ctx.Err() != nil {
			return err
		}
		runtime.Gosched()
	}
}

func (p *process) stop() {
	_ = p.command.Process.Kill() // it may have ended
	_ = p.command.Wait()         // by a signal
}

// cpu is the time that the process has used so far, to the clock tick of
// 10 ms.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("%s has ended: %w", p.name, err)
	}
	// The name, in parentheses, may have spaces; utime and stime are the 12th
	// and 13th field after it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}
