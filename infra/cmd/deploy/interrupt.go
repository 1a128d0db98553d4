package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// errInterrupted is why a context ended that a person ended.
var errInterrupted = errors.New("interrupted")

// interruptible gives a context that the first SIGINT or SIGTERM ends, which
// asks the engine to finish what is under way and stop. The second kills the
// engine and this process.
func interruptible(parent context.Context, stderr io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		fmt.Fprintln(stderr, "deploy: interrupted, ending what is under way; once more kills")
		cancel(errInterrupted)
		<-signals
		killChildren()
		os.Exit(130)
	}()
	return ctx, func() { signal.Stop(signals) }
}

// killChildren ends the engine, which has a process group of its own and so
// does not hear the terminal. Linux lists the children by thread.
func killChildren() {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				_ = syscall.Kill(-pid, syscall.SIGKILL)
			}
		}
	}
}
