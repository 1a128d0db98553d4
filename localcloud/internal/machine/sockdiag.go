package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// errNoSocket means that nobody has the connection open any more.
var errNoSocket = errors.New("the connection has ended")

// Sizes of inet_diag_req_v2 and inet_diag_msg, linux/inet_diag.h.
const (
	diagRequest = 56
	diagAnswer  = 72
)

// askKernel looks a connection up by netlink's sock_diag(7), which finds one
// of thousands without listing them.
func askKernel(local, remote netip.AddrPort) (socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return socket{}, fmt.Errorf("open socket diagnosis: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, diagQuestion(local, remote), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return socket{}, fmt.Errorf("ask socket diagnosis: %w", err)
	}
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil {
		return socket{}, fmt.Errorf("ask socket diagnosis: %w", err)
	}
	return readDiagnosis(answer[:n], remote)
}

// diagQuestion is a netlink message that asks for exactly one connection.
func diagQuestion(local, remote netip.AddrPort) []byte {
	m := make([]byte, unix.SizeofNlMsghdr, unix.SizeofNlMsghdr+diagRequest)
	binary.NativeEndian.PutUint32(m[0:], unix.SizeofNlMsghdr+diagRequest)
	binary.NativeEndian.PutUint16(m[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(m[6:], unix.NLM_F_REQUEST)
	m = append(m, unix.AF_INET, unix.IPPROTO_TCP, 0, 0)
	m = binary.NativeEndian.AppendUint32(m, ^uint32(0)) // in any state
	m = binary.BigEndian.AppendUint16(m, local.Port())
	m = binary.BigEndian.AppendUint16(m, remote.Port())
	for _, a := range []netip.AddrPort{local, remote} {
		ip := a.Addr().As4()
		m = append(append(m, ip[:]...), make([]byte, 12)...)
	}
	m = binary.NativeEndian.AppendUint32(m, 0)             // on any interface
	return binary.NativeEndian.AppendUint64(m, ^uint64(0)) // no cookie
}

// readDiagnosis reads the answer. The kernel falls back on a listening
// socket when there is no connection, so the far port is compared.
func readDiagnosis(m []byte, remote netip.AddrPort) (socket, error) {
	if len(m) < unix.SizeofNlMsghdr+4 {
		return socket{}, errors.New("ask socket diagnosis: the answer is too short")
	}
	body := m[unix.SizeofNlMsghdr:]
	if binary.NativeEndian.Uint16(m[4:]) == unix.NLMSG_ERROR {
		// ENOENT may also mean that the kernel is built without this.
		return socket{}, fmt.Errorf("ask socket diagnosis: %w", unix.Errno(-int32(binary.NativeEndian.Uint32(body))))
	}
	if len(body) < diagAnswer {
		return socket{}, errors.New("ask socket diagnosis: the answer is too short")
	}
	inode := binary.NativeEndian.Uint32(body[68:])
	if binary.BigEndian.Uint16(body[6:]) != remote.Port() || inode == 0 {
		return socket{}, errNoSocket
	}
	uid := binary.NativeEndian.Uint32(body[64:])
	return socket{inode: strconv.Itoa(int(inode)), uid: strconv.Itoa(int(uid))}, nil
}
