package image

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"orchard/localcloud/internal/machine/supervisor"
)

// Commands are the names to put on an instance's PATH (machine.Spec.Commands).
func Commands() []string { return []string{"systemctl", "aws"} }

// Main runs the command that args, the whole os.Args, asks for. It reports
// false when that is none of this package's, and the program goes on as
// usual; otherwise the program exits with code.
func Main(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (code int, ok bool) {
	if len(args) == 0 {
		return 0, false
	}
	switch filepath.Base(args[0]) {
	case "systemctl":
		return systemctl(args[1:], getenv, stdout, stderr), true
	case "aws":
		return awsCommand(ctx, args[1:], getenv, stdout, stderr), true
	}
	switch {
	case len(args) == 3 && args[1] == supervisor.Init:
		return report(supervisor.Run(args[2]), stderr), true
	case len(args) > 2 && args[1] == supervisor.ExecUnit:
		return report(supervisor.Exec(args[2:]), stderr), true
	case len(args) > 2 && args[1] == supervisor.Burner:
		return report(supervisor.Burn(args[2:]), stderr), true
	}
	return 0, false
}

func report(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, err)
	return 1
}
