package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"orchard/localcloud/internal/machine/supervisor"
)

// Peer finds the process at the other end of a loopback TCP connection, and
// the instance that it belongs to ("" when it belongs to none).
//
// The instance is that of the topmost ancestor that carries an id, which is
// init: a process cannot pass for another instance by its own environment
// while its init lives. It looks through the descriptors of
// processes, those first that were found before: well under a millisecond
// for a process that connects often, some tens for a new one. It is for
// accepting connections, not for each request. It needs the same user as the
// peer, or root.
func Peer(conn net.Conn) (pid int, instance string, err error) {
	local, err1 := addrPort(conn.LocalAddr())
	remote, err2 := addrPort(conn.RemoteAddr())
	if err := errors.Join(err1, err2); err != nil {
		return 0, "", fmt.Errorf("find peer: %w", err)
	}
	s, err := findSocket(remote, local) // the peer's own view
	if err != nil {
		return 0, "", fmt.Errorf("find peer %s: %w", remote, err)
	}
	if pid, err = s.holder(); err != nil {
		return 0, "", fmt.Errorf("find peer %s: %w", remote, err)
	}
	return pid, Owner(pid), nil
}

// Owner returns the instance that a process belongs to, "" for none.
func Owner(pid int) string { return supervisor.Owner(pid) }

func addrPort(a net.Addr) (netip.AddrPort, error) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%v is not a TCP address", a)
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}

// socket is one end of a connection as the kernel lists it.
type socket struct{ inode, uid string }

// findSocket asks the kernel, and where it does not answer such questions
// (sock_diag is an option of its build) reads its whole table.
func findSocket(local, remote netip.AddrPort) (socket, error) {
	if !local.Addr().Is4() || !remote.Addr().Is4() {
		return socket{}, errors.New("it is not an IPv4 connection")
	}
	s, err := askKernel(local, remote)
	if err == nil || errors.Is(err, errNoSocket) {
		return s, err
	}
	return searchTables(local, remote)
}

// searchTables looks a connection up in /proc: IPv4, and IPv6 for programs
// that speak IPv4 through it.
func searchTables(local, remote netip.AddrPort) (socket, error) {
	for _, table := range []struct {
		path string
		key  func(netip.AddrPort) string
	}{{"/proc/net/tcp", hex4}, {"/proc/net/tcp6", hex6}} {
		text, err := os.ReadFile(table.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return socket{}, fmt.Errorf("read %s: %w", table.path, err)
		}
		wanted := " " + table.key(local) + " " + table.key(remote) + " "
		at := strings.Index(string(text), wanted)
		if at < 0 {
			continue
		}
		line, _, _ := strings.Cut(string(text[at+1:]), "\n")
		fields := strings.Fields(line)
		if len(fields) > 8 && fields[8] != "0" {
			return socket{inode: fields[8], uid: fields[6]}, nil
		}
	}
	return socket{}, errNoSocket
}

// hex4 writes an address as /proc/net/tcp does: the four bytes as one number
// in the machine's order, and the port.
func hex4(a netip.AddrPort) string {
	ip := a.Addr().As4()
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip[:]), a.Port())
}

// hex6 writes an IPv4 address mapped into IPv6, likewise.
func hex6(a netip.AddrPort) string {
	ip := a.Addr().As16()
	var out strings.Builder
	for i := 0; i < len(ip); i += 4 {
		fmt.Fprintf(&out, "%08X", binary.NativeEndian.Uint32(ip[i:]))
	}
	return fmt.Sprintf("%s:%04X", out.String(), a.Port())
}

// found are the processes that Peer found last, the newest first. A number
// that is another process's by now does no harm: its descriptors decide.
var found struct {
	sync.Mutex
	pids []int
}

const foundLimit = 32

// holder finds the process that has the socket open.
func (s socket) holder() (int, error) {
	found.Lock()
	recent := slices.Clone(found.pids)
	found.Unlock()
	for _, pid := range recent {
		if s.heldBy(pid) {
			return pid, nil
		}
	}
	pids, err := s.candidates()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		if !s.heldBy(pid) {
			continue
		}
		found.Lock()
		defer found.Unlock()
		found.pids = append([]int{pid}, found.pids[:min(len(found.pids), foundLimit-1)]...)
		return pid, nil
	}
	return 0, errors.New("no process that can be seen holds its socket")
}

// candidates are the processes of the socket's user, the newest first, and
// after them all others: a socket keeps the user who made it.
func (s socket) candidates() ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var same, others []int
	for _, entry := range slices.Backward(entries) {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			continue
		}
		if strconv.Itoa(int(info.Sys().(*syscall.Stat_t).Uid)) == s.uid {
			same = append(same, pid)
		} else {
			others = append(others, pid)
		}
	}
	return append(same, others...), nil
}

// heldBy says whether a process has the socket open.
func (s socket) heldBy(pid int) bool {
	folder, err := os.Open("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return false
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return false
	}
	wanted := "socket:[" + s.inode + "]"
	for _, name := range names {
		if to, err := os.Readlink(folder.Name() + "/" + name); err == nil && to == wanted {
			return true
		}
	}
	return false
}
