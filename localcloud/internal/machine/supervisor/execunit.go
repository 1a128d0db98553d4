package supervisor

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// ExecUnit is the word by which the supervisor runs itself again as the
// shim in front of a service with sockets: LISTEN_PID must be the process id
// of the service, which only that process knows before it becomes the service.
const ExecUnit = "exec-unit"

// Exec becomes the command args. It returns only when that fails.
func Exec(args []string) error {
	if len(args) == 0 {
		return errors.New("execute unit: no command")
	}
	if err := os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid())); err != nil {
		return fmt.Errorf("execute unit: %w", err)
	}
	return fmt.Errorf("execute unit: %s: %w", args[0], syscall.Exec(args[0], args, os.Environ()))
}
