// Bench measures the service beside what it is built on, on one machine and in
// one run: `orchard serve`, a bare net/http + pgx handler without any of its
// features, and PostgreSQL alone under pgbench with the same statements.
//
//	bench -orchard BINARY [-runs 5] [-seconds 3] [-rows 100000] [-out FILE]
//
// The three take turns, so that a busy machine is busy for all of them, and
// the median of the runs counts. PostgreSQL runs with its durable defaults.
// The load comes from 32 connections of this program, in a closed loop: the
// figures compare, they do not promise a response time at a given rate.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 3 && args[0] == "bare" {
		return serveBare(ctx, args[1], args[2], stdout)
	}
	var p plan
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&p.orchard, "orchard", "", "the service's binary")
	flags.IntVar(&p.runs, "runs", 5, "runs of each, whose median counts")
	flags.IntVar(&p.seconds, "seconds", 3, "length of a run")
	flags.IntVar(&p.rows, "rows", 100_000, "rows in the table before the first run")
	flags.StringVar(&p.out, "out", "", "file for the result as JSON")
	flags.IntVar(&p.pool, "pool", 8, "database connections of each server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.orchard == "" || flags.NArg() > 0 {
		return fmt.Errorf("give -orchard and no other argument")
	}
	r, err := p.measure(ctx)
	if err != nil {
		return err
	}
	return r.write(stdout, p.out)
}
