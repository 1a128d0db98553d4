package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// measure finds out how fast the load runner is, and then lets the tools take turns,
// with the load runner at half of that among them: what else the machine does changes
// from minute to minute, and is to be the same for all.
func (p plan) measure(ctx context.Context) (*result, error) {
	t, err := startTarget(ctx)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	tools := p.tools(ctx, "http://"+t.address)
	most := 0.0 // requests/s: of several runs, since a busy moment would make half of it too low
	for range 3 {
		s, err := t.sample(tools[0].command(), p.length)
		if err != nil {
			return nil, err
		}
		most = max(most, s.rate)
	}
	tools = append(tools, tool{"loadrunner, open loop", func() *exec.Cmd { return p.openLoop(ctx, "http://"+t.address, most/2) }})
	rows := make([]*row, len(tools))
	for i, tool := range tools {
		rows[i] = &row{Tool: tool.name}
	}
	for run := range p.runs {
		for i := range tools {
			at := (i + run) % len(tools) // who goes first changes
			s, err := t.sample(tools[at].command(), p.length)
			if err != nil {
				return nil, err
			}
			rows[at].samples = append(rows[at].samples, s)
		}
	}
	for _, l := range rows {
		l.summarize()
	}
	for _, l := range rows {
		l.PerWrk = rows[1].CPU / l.CPU
	}
	last := len(rows) - 1
	return &result{
		Runs: p.runs, Seconds: p.length.Seconds(), Connections: p.connections,
		Closed: rows[:last], Open: rows[last], OpenPerClosed: rows[last].CPU / rows[0].CPU,
	}, nil
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
			return exec.CommandContext(ctx, p.loadrunner, "run", "--url", url, "--get", "/", "--closed", "--connections", connections, "--for", seconds)
		}},
		{"wrk", func() *exec.Cmd {
			return exec.CommandContext(ctx, p.wrk, "-t1", "-c"+connections, "-d"+seconds, url+"/")
		}},
		{"vegeta", func() *exec.Cmd {
			cmd := exec.CommandContext(ctx, p.vegeta, "attack", "-rate=0", "-max-workers="+connections, "-connections="+connections, "-duration="+seconds, "-output=/dev/null")
			cmd.Stdin = strings.NewReader("GET " + url + "/\n")
			return cmd
		}},
		{"hey", func() *exec.Cmd { return exec.CommandContext(ctx, p.hey, "-c", connections, "-z", seconds, url+"/") }},
	}
}

// openLoop is the load runner at a rate. How late it may be is not judged here: the
// machine may be busy.
func (p plan) openLoop(ctx context.Context, url string, rate float64) *exec.Cmd {
	return exec.CommandContext(ctx, p.loadrunner, "run", "--url", url, "--get", "/", "--rate", fmt.Sprintf("%.0f", rate),
		"--connections", strconv.Itoa(p.connections), "--for", fmt.Sprintf("%.0fs", p.length.Seconds()), "--behind", "100%")
}
