package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// measure lets the tools take turns, and then has the load runner send at half of
// what it reached.
func (p plan) measure(ctx context.Context) (*result, error) {
	t, err := startTarget(ctx)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	r := &result{Runs: p.runs, Seconds: p.length.Seconds(), Connections: p.connections}
	tools := p.tools(ctx, "http://"+t.address+"/")
	for _, tool := range tools {
		r.Closed = append(r.Closed, &row{Tool: tool.name})
	}
	for run := range p.runs {
		for i := range tools {
			at := (i + run) % len(tools) // who goes first changes
			s, err := t.sample(tools[at].command(), p.length)
			if err != nil {
				return nil, err
			}
			r.Closed[at].samples = append(r.Closed[at].samples, s)
		}
	}
	r.summarize()
	r.Open = &row{Tool: "loadrunner, open loop"}
	for range p.runs {
		s, err := t.sample(p.openLoop(ctx, "http://"+t.address, r.Closed[0].Rate/2), p.length)
		if err != nil {
			return nil, err
		}
		r.Open.samples = append(r.Open.samples, s)
	}
	r.Open.summarize(r.Closed[1])
	r.OpenPerClosed = r.Open.CPU / r.Closed[0].CPU
	return r, nil
}

type tool struct {
	name    string
	command func() *exec.Cmd
}

// tools are the load runner and the others, in a closed loop each.
func (p plan) tools(ctx context.Context, url string) []tool {
	connections, seconds := strconv.Itoa(p.connections), fmt.Sprintf("%.0fs", p.length.Seconds())
	return []tool{
		{"loadrunner", func() *exec.Cmd {
			return exec.CommandContext(ctx, p.loadrunner, "run", "--url", strings.TrimSuffix(url, "/"), "--get", "/", "--closed", "--connections", connections, "--for", seconds)
		}},
		{"wrk", func() *exec.Cmd { return exec.CommandContext(ctx, p.wrk, "-t1", "-c"+connections, "-d"+seconds, url) }},
		{"vegeta", func() *exec.Cmd {
			cmd := exec.CommandContext(ctx, p.vegeta, "attack", "-rate=0", "-max-workers="+connections, "-connections="+connections, "-duration="+seconds, "-output=/dev/null")
			cmd.Stdin = strings.NewReader("GET " + url + "\n")
			return cmd
		}},
		{"hey", func() *exec.Cmd { return exec.CommandContext(ctx, p.hey, "-c", connections, "-z", seconds, url) }},
	}
}

// openLoop is the load runner at a rate. How late it may be is not judged here: the
// machine may be busy.
func (p plan) openLoop(ctx context.Context, url string, rate float64) *exec.Cmd {
	return exec.CommandContext(ctx, p.loadrunner, "run", "--url", url, "--get", "/", "--rate", fmt.Sprintf("%.0f", rate),
		"--connections", strconv.Itoa(p.connections), "--for", fmt.Sprintf("%.0fs", p.length.Seconds()), "--behind", "100%")
}
