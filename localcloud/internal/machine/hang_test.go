package machine_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/machine/proc"
)

// restless starts processes without end beside the service, so that a hang
// meets them in the middle of it.
const restless = `#!/bin/bash
(while true; do /bin/true & /bin/true; wait; done) &
` + service

// states tells how many living processes of an instance stand still and how
// many run.
func states(t *testing.T, h *machine.Handle) (stopped, running int) {
	t.Helper()
	all, err := proc.All()
	if err != nil {
		t.Fatal(err)
	}
	init, err := proc.Read(h.Record.PID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(proc.Descendants(all, h.Record.PID), init) {
		switch {
		case s.Dead():
		case s.Stopped(), s.State == 'D': // waits for a child that is stopped between vfork and exec
			stopped++
		default:
			running++
		}
	}
	return stopped, running
}

func TestHangStopsEverythingAndUnhangGoesOn(t *testing.T) {
	t.Parallel()
	s := spec(t, restless)
	s.Health = selfCheck()
	h := start(t, s)
	booted(t, h)
	pid := mustGet(t, s.Address, "/pid")
	feels(t, h, machine.Healthy)
	if err := h.Hang(); err != nil {
		t.Fatal(err)
	}
	if stopped, running := states(t, h); stopped < 3 || running > 0 || !h.Hung() {
		t.Errorf("hung instance: got %d stopped, %d running, hung %t; want init, server and loop stopped", stopped, running, h.Hung())
	}
	silent(t, s.Address+":8080")
	eventually(t, "health is missing", func() bool {
		_, fresh, err := h.Health(time.Now())
		return err == nil && !fresh
	})
	if health, _, err := h.Health(time.Now()); err != nil || health.State != machine.Healthy {
		t.Errorf("last report of a hung instance: got %+v, %v; want Healthy", health, err)
	}
	if err := h.Unhang(); err != nil {
		t.Fatal(err)
	}
	if after := mustGet(t, s.Address, "/pid"); after != pid {
		t.Errorf("service after the hang: got process %s, want %s as before", after, pid)
	}
	feels(t, h, machine.Healthy)
}

// silent wants a connection that is made and a request that is not answered.
func silent(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatalf("connect to a hung instance: %v", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /pid HTTP/1.0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("answer of a hung instance: got %d bytes, %v; want none", n, err)
	}
}

func TestKillAndTerminateEndAHungInstanceAtOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*machine.Handle) error{
		"kill":      (*machine.Handle).Kill,
		"terminate": func(h *machine.Handle) error { return h.Terminate(context.Background(), time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(t, restless)
			h := start(t, s)
			booted(t, h)
			hidden, err := strconv.Atoi(mustGet(t, s.Address, "/hide"))
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Hang(); err != nil {
				t.Fatal(err)
			}
			if err := end(h); err != nil {
				t.Fatal(err)
			}
			if rest := left(t, s.ID); len(rest) > 0 || alive(hidden) || alive(h.Record.PID) {
				t.Errorf("left: %v, hidden child alive: %t, init alive: %t", rest, alive(hidden), alive(h.Record.PID))
			}
			if err := h.Hang(); !errors.Is(err, machine.ErrGone) {
				t.Errorf("hang of an instance that has ended: got %v, want ErrGone", err)
			}
			if err := h.Unhang(); !errors.Is(err, machine.ErrGone) {
				t.Errorf("unhang of an instance that has ended: got %v, want ErrGone", err)
			}
		})
	}
}

func TestHangHoldsInTheMiddleOfStarts(t *testing.T) {
	t.Parallel()
	h := start(t, spec(t, restless))
	booted(t, h)
	for round := range 20 {
		if err := h.Hang(); err != nil {
			t.Fatal(err)
		}
		if _, running := states(t, h); running > 0 {
			t.Fatalf("round %d: got %d running processes in a hung instance", round, running)
		}
		if err := h.Unhang(); err != nil {
			t.Fatal(err)
		}
	}
}
