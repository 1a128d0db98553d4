package engine

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel notes when each segment came in. So at high rates the loop need not wake
// for every answer: it looks once in a tick, and the answers that it finds then are
// measured at the moments at which they came. Waking for each would cost as much again
// as sending and reading.

// stamp asks for the moments at which data comes in.
func stamp(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
}

// doze sleeps without looking at sockets.
func doze(d time.Duration) {
	t := unix.NsecToTimespec(max(0, d.Nanoseconds()))
	_, _, _ = unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, uintptr(unsafe.Pointer(&t)), 0, 0, 0)
}

// dense tells whether so many requests are due that answers can wait for the tick.
func (l *loop) dense(now time.Duration) bool {
	return l.Schedule != nil && l.stopped == 0 && l.Schedule.Rate(now) >= float64(time.Second/tick)
}

// control is the room for one moment beside what is read.
type control [64]byte

// readStamped is read, with the moment at which the last of it came, by the machine's
// clock in ns since 1970; 0 where the kernel does not say.
func readStamped(fd int, b []byte, c *control) (int, int64, unix.Errno) {
	part := unix.Iovec{Base: &b[0]}
	part.SetLen(len(b))
	message := unix.Msghdr{Iov: &part, Iovlen: 1, Control: &c[0], Controllen: uint64(len(c))}
	n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&message)), 0)
	if errno != 0 || message.Controllen < uint64(unix.SizeofCmsghdr+unsafe.Sizeof(unix.Timespec{})) {
		return int(n), 0, errno
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&c[0]))
	if header.Level != unix.SOL_SOCKET || header.Type != unix.SO_TIMESTAMPNS {
		return int(n), 0, 0
	}
	at := (*unix.Timespec)(unsafe.Pointer(&c[unix.SizeofCmsghdr]))
	return int(n), at.Nano(), 0
}

// arrived returns the moment of a stamp. A clock that was set meanwhile cannot lead
// outside of what is possible.
func (l *loop) arrived(stamp int64, started, now time.Duration) time.Duration {
	if stamp == 0 {
		return now
	}
	return min(now, max(started, time.Duration(stamp-l.startWall)))
}
