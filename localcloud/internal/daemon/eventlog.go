package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"orchard/localcloud/internal/world"
)

// EventLog is the path of a stack's event log, or of the only one where the
// stack is empty. It needs no daemon.
func (f Folder) EventLog(stack string) (string, error) {
	if stack != "" {
		path := filepath.Join(f.Worlds(), stack, world.EventsFile)
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("find event log of stack %s: %w", stack, err)
		}
		return path, nil
	}
	found, err := filepath.Glob(filepath.Join(f.Worlds(), "*", world.EventsFile))
	switch {
	case err != nil:
		return "", fmt.Errorf("find event log: %w", err)
	case len(found) == 0:
		return "", errors.New("there is no event log: no stack has been up")
	case len(found) > 1:
		return "", fmt.Errorf("%d stacks have an event log: name one with --stack", len(found))
	}
	return found[0], nil
}
