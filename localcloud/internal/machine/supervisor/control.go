package supervisor

import (
	"encoding/json"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/machine/proc"
)

// Request is one call of `systemctl`, its options already understood.
type Request struct {
	Verb       string   `json:"verb"`
	Units      []string `json:"units,omitempty"`
	Now        bool     `json:"now,omitempty"`
	Quiet      bool     `json:"quiet,omitempty"`
	NoBlock    bool     `json:"noBlock,omitempty"`
	Value      bool     `json:"value,omitempty"`
	Properties []string `json:"properties,omitempty"`
}

// Response is what `systemctl` prints and exits with.
type Response struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout,omitempty"`
	Stderr string `json:"stderr,omitempty"`
}

// Call sends a request to the init process that listens on path.
func Call(path string, r Request) (Response, error) {
	conn, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		return Response{}, fmt.Errorf("reach init: %w", err)
	}
	defer conn.Close()
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
	if !ours(conn) {
		return
	}
	var r Request
	if err := json.NewDecoder(conn).Decode(&r); err != nil {
		m.console.line("init", "control request: "+err.Error())
		return
	}
	_ = json.NewEncoder(conn).Encode(m.do(r)) // a caller that has gone needs no answer
}

// ours says whether the caller is a process of this instance: instances may
// share a user, so the folder's mode alone does not tell them apart.
func ours(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	var peer *unix.Ucred
	if raw.Control(func(fd uintptr) {
		peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}) != nil || err != nil {
		return false
	}
	for pid := int(peer.Pid); pid > 1; {
		if pid == unix.Getpid() {
			return true
		}
		s, err := proc.Read(pid)
		if err != nil {
			return false
		}
		pid = s.PPID
	}
	return false
}
