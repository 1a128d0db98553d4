package daemon

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrRunning says that another daemon has the state folder.
var ErrRunning = errors.New("a daemon is running already")

// Lock takes the state folder for this process. The kernel gives it back when
// the process ends, however it ends.
func (f Folder) Lock() (*os.File, error) {
	file, err := os.OpenFile(f.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock state folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%w on %s", ErrRunning, f), file.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", file.Name(), err), file.Close())
	}
	return file, nil
}
