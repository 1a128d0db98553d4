// Bench-load measures what a request costs the load runner, beside the tools that
// people use, on one machine and in one run:
//
//	bench-load -loadrunner BINARY [-wrk wrk] [-vegeta vegeta] [-hey hey]
//	           [-runs 5] [-length 3s] [-connections 50] [-floor 0.8] [-out FILE]
//
// All tools ask the same target in a closed loop, in turns, and the median of the
// runs counts. The target is a process of its own on one processor, the tool is on
// another, and the target does so little that it is seldom what a tool waits for.
// What is compared is requests for each second of the tool's CPU time: a rate says
// more of what else the machine does. Requests are those that the target has served.
//
// Then the load runner sends at half the rate that it reached, in an open loop. The
// command fails when the load runner is below the floor times wrk.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench-load:", err)
		os.Exit(1)
	}
}

// plan is what is to be measured.
type plan struct {
	loadrunner, wrk, vegeta, hey string
	runs                         int
	length                       time.Duration
	connections                  int
	floor                        float64
	out                          string
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 1 && args[0] == "target" {
		return serve(stdout)
	}
	var p plan
	flags := flag.NewFlagSet("bench-load", flag.ContinueOnError)
	flags.StringVar(&p.loadrunner, "loadrunner", "", "the load runner's binary")
	flags.StringVar(&p.wrk, "wrk", "wrk", "wrk's binary")
	flags.StringVar(&p.vegeta, "vegeta", "vegeta", "vegeta's binary")
	flags.StringVar(&p.hey, "hey", "hey", "hey's binary")
	flags.IntVar(&p.runs, "runs", 5, "runs of each, whose median counts")
	flags.DurationVar(&p.length, "length", 3*time.Second, "length of a run, in whole seconds")
	flags.IntVar(&p.connections, "connections", 50, "connections of each tool")
	flags.Float64Var(&p.floor, "floor", 0.8, "how many times wrk's requests per CPU second the load runner's must be")
	flags.StringVar(&p.out, "out", "", "file for the result as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.loadrunner == "" || flags.NArg() > 0 || p.runs < 1 || p.length < time.Second || p.connections < 1 {
		return fmt.Errorf("give -loadrunner, positive numbers and no other argument")
	}
	r, err := p.measure(ctx)
	if err != nil {
		return err
	}
	if err := r.write(stdout, p.out); err != nil {
		return err
	}
	return r.judge(p.floor)
}
