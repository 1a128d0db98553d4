package supervisor

import (
	"encoding/json"
	"fmt"
	"net"
	"time"
)

// Request is one call of `systemctl`, its options already understood, or one
// of the machine's operator.
type Request struct {
	Verb       string   `json:"verb"`
	Units      []string `json:"units,omitempty"`
	Now        bool     `json:"now,omitempty"`
	Quiet      bool     `json:"quiet,omitempty"`
	NoBlock    bool     `json:"noBlock,omitempty"`
	Value      bool     `json:"value,omitempty"`
	Properties []string `json:"properties,omitempty"`

	Cores float64       `json:"cores,omitempty"` // of a stress
	For   time.Duration `json:"for,omitempty"`
}

// Response is what `systemctl` prints and exits with.
type Response struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout,omitempty"`
	Stderr string `json:"stderr,omitempty"`
}

// Call sends a request to the init process that listens on path, and waits for
// the answer as long as the job takes.
func Call(path string, r Request) (Response, error) { return CallWithin(0, path, r) }

// CallWithin is Call with a limit, 0 for none.
func CallWithin(limit time.Duration, path string, r Request) (Response, error) {
	conn, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		return Response{}, fmt.Errorf("reach init: %w", err)
	}
	defer conn.Close()
	if limit > 0 {
		if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
			return Response{}, fmt.Errorf("reach init: %w", err)
		}
	}
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return Response{}, fmt.Errorf("ask init: %w", err)
	}
	var answer Response
	if err := json.NewDecoder(conn).Decode(&answer); err != nil {
		return Response{}, fmt.Errorf("read init's answer: %w", err)
	}
	return answer, nil
}

// serve answers requests until the listener is closed.
func (m *Manager) serve(listener *net.UnixListener) {
	for {
		conn, err := listener.AcceptUnix()
		if err != nil {
			return
		}
		go m.answer(conn)
	}
}

func (m *Manager) answer(conn *net.UnixConn) {
	defer conn.Close()
	pid := caller(conn)
	inside := ours(pid)
	if !inside && !fromOperator(pid) {
		return
	}
	var r Request
	if err := json.NewDecoder(conn).Decode(&r); err != nil {
		m.console.line("init", "control request: "+err.Error())
		return
	}
	do, operator := operations[r.Verb]
	switch {
	case inside:
		_ = json.NewEncoder(conn).Encode(m.do(r)) // a caller that has gone needs no answer
	case operator:
		_ = json.NewEncoder(conn).Encode(do(m, r))
	}
}
