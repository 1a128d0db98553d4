package image

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Exit codes of the AWS command line interface: 252 for a command line that
// is not understood, 254 for an error that the service answered, 255 for
// other failures of low-level commands, 1 for a failed transfer.
const (
	awsUsage    = 252
	awsService  = 254
	awsGeneral  = 255
	awsTransfer = 1
)

// usage is a command line that is not understood.
type usage struct{ reason string }

func (u *usage) Error() string { return u.reason }

func awsCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	call, err := parseAWS(args)
	if err != nil {
		fmt.Fprintf(stderr, "\naws: [ERROR]: %v\n", err)
		return awsUsage
	}
	session, err := newSession(ctx, call.option("region"), getenv)
	if err != nil {
		fmt.Fprintf(stderr, "\naws: [ERROR]: %v\n", err)
		return awsGeneral
	}
	return call.run(ctx, session, call, stdout, stderr)
}

// call is a parsed command line.
type call struct {
	command
	options map[string]string
	args    []string
}

func (c *call) option(name string) string { return c.options[name] }

// command is one of the commands of `aws` that are known.
type command struct {
	values   []string // options with a value
	flags    []string // options without
	required []string
	args     int // positional arguments
	run      func(context.Context, *session, *call, io.Writer, io.Writer) int
}

var commands = map[string]command{
	"autoscaling complete-lifecycle-action": {
		values:   []string{"lifecycle-hook-name", "auto-scaling-group-name", "lifecycle-action-result", "instance-id", "region"},
		required: []string{"lifecycle-hook-name", "auto-scaling-group-name", "lifecycle-action-result", "instance-id"},
		run:      completeAction,
	},
	"s3 cp": {
		values: []string{"region"}, args: 2, run: copyObject,
		flags: []string{"only-show-errors", "no-progress", "quiet"},
	},
	"s3api get-object": {
		values: []string{"bucket", "key", "region"}, required: []string{"bucket", "key"}, args: 1, run: getObject,
	},
	"secretsmanager get-secret-value": {
		values: []string{"secret-id", "region", "query", "output"}, required: []string{"secret-id"}, run: getSecretValue,
	},
}

func parseAWS(args []string) (*call, error) {
	if len(args) < 2 {
		return nil, &usage{"the following arguments are required: command, subcommand"}
	}
	name := args[0] + " " + args[1]
	known, ok := commands[name]
	if !ok {
		return nil, &usage{fmt.Sprintf("command %q is not supported by this image (supported: %s)", name, strings.Join(slices.Sorted(maps.Keys(commands)), ", "))}
	}
	c := &call{command: known, options: map[string]string{}}
	for rest := args[2:]; len(rest) > 0; {
		var err error
		if rest, err = c.take(rest); err != nil {
			return nil, err
		}
	}
	for _, option := range known.required {
		if c.options[option] == "" {
			return nil, &usage{"the following arguments are required: --" + option}
		}
	}
	if len(c.args) != known.args {
		return nil, &usage{fmt.Sprintf("%s takes %d arguments, got %d", name, known.args, len(c.args))}
	}
	return c, nil
}

// take reads one option or argument and returns the rest.
func (c *call) take(args []string) ([]string, error) {
	name, isOption := strings.CutPrefix(args[0], "--")
	if !isOption {
		c.args = append(c.args, args[0])
		return args[1:], nil
	}
	name, value, inline := strings.Cut(name, "=")
	for _, flag := range c.flags {
		if name == flag && !inline {
			c.options[name] = "true"
			return args[1:], nil
		}
	}
	for _, known := range c.values {
		switch {
		case name != known:
		case inline:
			c.options[name] = value
			return args[1:], nil
		case len(args) < 2:
			return nil, &usage{fmt.Sprintf("argument --%s: expected one argument", name)}
		default:
			c.options[name] = args[1]
			return args[2:], nil
		}
	}
	return nil, &usage{"Unknown options: " + args[0]}
}
