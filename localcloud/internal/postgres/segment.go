package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// postmasterFile is what a server writes about itself into postmaster.pid.
type postmasterFile struct {
	pid     int
	data    string
	key     uint64 // of its System V shared memory, a sign-extended 32-bit number
	segment int    // its id; -1 where there is none yet
}

func readPostmasterFile(data string) (postmasterFile, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return postmasterFile{}, err
	}
	return parsePostmasterFile(string(text))
}

// parsePostmasterFile reads the lines: process id, data folder, start time,
// port, socket folder, listen address, key and id of the segment, status.
func parsePostmasterFile(text string) (postmasterFile, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 2 {
		return postmasterFile{}, errors.New("postmaster.pid is cut short")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return postmasterFile{}, fmt.Errorf("read postmaster.pid: %w", err)
	}
	file := postmasterFile{pid: pid, data: lines[1], segment: -1}
	if len(lines) < 7 {
		return file, nil
	}
	if _, err := fmt.Sscan(lines[6], &file.key, &file.segment); err != nil {
		file.segment = -1 // written later than the rest
	}
	return file, nil
}

// removeSegment removes the System V segment that a killed server left. One
// that is not the server's, or that a process still uses, stays.
func removeSegment(data string, uid uint32) error {
	file, err := readPostmasterFile(data)
	if errors.Is(err, os.ErrNotExist) || err == nil && file.segment < 0 {
		return nil
	}
	if err != nil {
		return err
	}
	var description unix.SysvShmDesc
	_, err = unix.SysvShmCtl(file.segment, unix.IPC_STAT, &description)
	if gone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at shared memory segment %d: %w", file.segment, err)
	}
	if description.Perm.Key != int32(uint32(file.key)) || description.Perm.Cuid != uid || description.Nattch != 0 {
		return nil
	}
	if _, err := unix.SysvShmCtl(file.segment, unix.IPC_RMID, nil); err != nil && !gone(err) {
		return fmt.Errorf("remove shared memory segment %d: %w", file.segment, err)
	}
	return nil
}

func gone(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EIDRM)
}
