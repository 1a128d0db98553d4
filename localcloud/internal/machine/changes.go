package machine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/machine/supervisor"
)

// Changes returns a channel that receives after the instance's state file has
// changed: phase, units, health. Ask for it before the first Status, so that
// nothing is missed; changes in a row may be told as one. That no report comes
// any more is no change, see Health. The channel is never closed.
//
// All instances share one inotify descriptor, which sees files being renamed
// and nothing else: a console log that grows wakes nobody.
func (h *Handle) Changes() (<-chan struct{}, error) {
	w, err := stateWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch instance %s: %w", h.Record.ID, err)
	}
	told, err := w.add(h.Record.Dir)
	if err != nil {
		return nil, fmt.Errorf("watch instance %s: %w", h.Record.ID, err)
	}
	return told, nil
}

// stateWatcher makes the one watcher, which lasts as long as the program.
var stateWatcher = sync.OnceValues(newWatcher)

// watcher tells of state files in folders.
type watcher struct {
	fd    int
	queue *os.File // the same, to wait on

	mu   sync.Mutex
	told map[int32][]chan struct{} // by watch, of which a folder has one
}

func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("open inotify: %w", err)
	}
	w := &watcher{fd: fd, queue: os.NewFile(uintptr(fd), "inotify"), told: map[int32][]chan struct{}{}}
	go w.run()
	return w, nil
}

// add watches a folder until it is removed.
func (w *watcher) add(folder string) (<-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	watch, err := unix.InotifyAddWatch(w.fd, folder, unix.IN_MOVED_TO|unix.IN_ONLYDIR)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", folder, err)
	}
	told := make(chan struct{}, 1)
	w.told[int32(watch)] = append(w.told[int32(watch)], told)
	return told, nil
}

func (w *watcher) run() {
	buffer := make([]byte, 16<<10)
	for {
		n, err := w.queue.Read(buffer)
		if err != nil {
			return // it is never closed, and has no other reason
		}
		for rest := buffer[:n]; len(rest) >= unix.SizeofInotifyEvent; {
			size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
			w.event(rest[:size])
			rest = rest[size:]
		}
	}
}

// stateFile is what a change of state appears as.
var stateFile = []byte(filepath.Base(supervisor.Layout{}.State()))

// event takes one event as inotify(7) lays it out: watch, mask, cookie, length
// of the name, and the name, filled up with zeros.
func (w *watcher) event(e []byte) {
	watch, mask := int32(binary.NativeEndian.Uint32(e)), binary.NativeEndian.Uint32(e[4:])
	name := bytes.TrimRight(e[unix.SizeofInotifyEvent:], "\x00")
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case mask&unix.IN_Q_OVERFLOW != 0: // events were lost: any may have changed
		for _, told := range w.told {
			tell(told)
		}
	case mask&unix.IN_IGNORED != 0: // the folder is gone
		delete(w.told, watch)
	case bytes.Equal(name, stateFile):
		tell(w.told[watch])
	}
}

// tell leaves one message where there is none yet.
func tell(channels []chan struct{}) {
	for _, c := range channels {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
