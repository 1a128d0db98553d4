package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pinned starts a process on one processor, if the machine has so many.
func pinned(cmd *exec.Cmd, processor int) error {
	if processor >= runtime.NumCPU() {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	one.Set(processor)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return err
	}
	defer func() { _ = unix.SchedSetaffinity(0, &before) }() // as it was allowed before
	return cmd.Start()
}

// target is the process that all tools ask.
type target struct {
	cmd     *exec.Cmd
	address string
}

func startTarget(ctx context.Context) (*target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "target")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := pinned(cmd, 0); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("start target: %w", err)
	}
	return &target{cmd, strings.TrimSpace(line)}, nil
}

func (t *target) stop() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait() // killed: its exit says nothing
}

// served asks how many requests the target has served.
func (t *target) served() (int, error) {
	resp, err := http.Get("http://" + t.address + count)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}

// sample is one run of one tool.
type sample struct {
	rate   float64 // requests/s
	cpu    float64 // of the tool, µs for a request
	memory float64 // at most, MB
}

// sample runs a tool to its end.
func (t *target) sample(cmd *exec.Cmd, length time.Duration) (sample, error) {
	before, err := t.served()
	if err != nil {
		return sample{}, err
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := pinned(cmd, 1); err != nil {
		return sample{}, err
	}
	ended := make(chan struct{})
	peak := watchMemory(cmd.Process.Pid, ended)
	err = cmd.Wait()
	close(ended)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w: %s", cmd.Path, err, errs.String())
	}
	after, err := t.served()
	if err != nil || after == before {
		return sample{}, fmt.Errorf("%s: no request was served: %w", cmd.Path, err)
	}
	n := float64(after - before)
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return sample{rate: n / length.Seconds(), cpu: float64(used.Microseconds()) / n, memory: <-peak}, nil
}
