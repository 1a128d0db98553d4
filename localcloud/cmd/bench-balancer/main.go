// Bench-balancer measures what a request costs that passes the load balancer,
// beside HAProxy with an equal configuration, on one machine and in one run:
// at layer 7 (HTTP, connections kept alive on both sides) and at layer 4 (TCP,
// connections that last), with small answers and with large ones.
//
//	bench-balancer [-haproxy haproxy] [-runs 5] [-length 5s] [-threads 2]
//	               [-connections 50] [-bound 2] [-out FILE]
//
// The two proxies, the targets and the load are processes of their own. The
// load comes from this program in a closed loop, the proxies take turns, and
// the median of the runs counts. What is compared is the CPU time of the
// proxy's process for a request: a rate says more of what else the machine
// does. The command fails when ours is above the bound times HAProxy's.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench-balancer:", err)
		os.Exit(1)
	}
}

// plan is what is to be measured.
type plan struct {
	haproxy     string
	runs        int
	length      time.Duration
	threads     int
	connections int
	bound       float64
	out         string
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "targets":
			return serveTargets(ctx, args[1:])
		case "balancer":
			return serveBalancer(ctx, args[1], args[2], args[3:])
		}
	}
	var p plan
	flags := flag.NewFlagSet("bench-balancer", flag.ContinueOnError)
	flags.StringVar(&p.haproxy, "haproxy", "haproxy", "HAProxy's binary")
	flags.IntVar(&p.runs, "runs", 5, "runs of each, whose median counts")
	flags.DurationVar(&p.length, "length", 5*time.Second, "length of a run")
	flags.IntVar(&p.threads, "threads", runtime.NumCPU(), "threads of each proxy that run at once")
	flags.IntVar(&p.connections, "connections", 50, "connections of the load")
	flags.Float64Var(&p.bound, "bound", 2, "how many times HAProxy's CPU for a request ours may be")
	flags.StringVar(&p.out, "out", "", "file for the result as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || p.runs < 1 || p.length <= 0 || p.threads < 1 || p.connections < 1 {
		return fmt.Errorf("runs, length, threads and connections must be positive, and there is no other argument")
	}
	r, err := p.measure(ctx)
	if err != nil {
		return err
	}
	if err := r.write(stdout, p.out); err != nil {
		return err
	}
	return r.judge(p.bound)
}
