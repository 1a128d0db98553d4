package supervisor

import (
	"net"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/machine/proc"
)

// caller is the process at the other end, 0 when the kernel does not say.
func caller(conn *net.UnixConn) int {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	var peer *unix.Ucred
	if raw.Control(func(fd uintptr) {
		peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}) != nil || err != nil {
		return 0
	}
	return int(peer.Pid)
}

// ours says whether a process is of this instance: instances may share a user,
// so the folder's mode alone does not tell them apart.
func ours(pid int) bool {
	for pid > 1 {
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

// fromOperator says whether a process is the machine's operator, which is any
// process of the socket's user, or root, that belongs to no instance.
func fromOperator(pid int) bool { return pid > 0 && Owner(pid) == "" }

// Owner returns the instance that a process belongs to, "" for none: that of
// its topmost ancestor that carries an id, which is init.
func Owner(pid int) string {
	instance := ""
	for pid > 1 {
		if id, ok := proc.Env(pid, Marker); ok {
			instance = id
		}
		s, err := proc.Read(pid)
		if err != nil {
			break
		}
		pid = s.PPID
	}
	return instance
}
