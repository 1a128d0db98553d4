package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// options are the flags, and where to write.
type options struct {
	stack   string
	project string
	work    string
	release string
	keep    bool
	answer  bool
	// set holds configuration by key, without the project's name.
	set            map[string]string
	color          string
	stdout, stderr io.Writer
}

func newCommand(getenv func(string) string, stdout, stderr io.Writer) *cobra.Command {
	o := &options{stdout: stdout, stderr: stderr, color: color(getenv, stdout)}
	root := &cobra.Command{
		Use:           "deploy",
		Short:         "Take a stack of this project up and down",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&o.stack, "stack", "dev", "the stack's name")
	flags.StringVar(&o.project, "project", ".", "the folder that holds Pulumi.yaml")
	flags.StringVar(&o.work, "work", ".orchard/deploy", "the folder to work in; made if missing")
	for key, usage := range keyFlags {
		flags.String(key, "", usage)
	}
	flags.StringVar(&o.release, "release", "", "the binary that the instances run")
	flags.StringArray("config", nil, "KEY=VALUE of any other configuration key; may be repeated")
	creation := o.command("up", "Create or update the stack", up)
	creation.Flags().BoolVar(&o.answer, "answer", false, "wait until the service answers through the load balancer")
	creation.Flags().BoolVar(&o.keep, "keep", false, "keep what a failed first creation has made")
	card := o.command("scorecard", "Judge the production-sized stacks, without an account", printScorecard)
	card.Flags().Bool("json", false, "print JSON rather than a table")
	root.AddCommand(
		creation, card,
		o.command("preview", "Show what up would change", preview),
		o.command("down", "Destroy the stack and forget it", down),
		o.command("outputs", "Print the stack's outputs as one JSON object", printOutputs),
		o.command("token", "Print the stack's write token and nothing else", printToken),
		o.command("refresh", "Read the stack's resources again from the cloud", refresh),
	)
	return root
}

// keyFlags are the configuration keys that have a flag of their own. A flag
// that is not given leaves its key to Pulumi's files.
var keyFlags = map[string]string{
	"cloud":        "aws or azure",
	"topology":     "regional or zonal",
	"architecture": "arm64 or x86_64",
}

// color is for people; NO_COLOR is honoured (no-color.org).
func color(getenv func(string) string, stdout io.Writer) string {
	file, ok := stdout.(*os.File)
	if ok && term.IsTerminal(int(file.Fd())) && getenv("NO_COLOR") == "" {
		return "always"
	}
	return "never"
}

func (o *options) command(name, short string, action func(*cobra.Command, *options) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := errors.Join(validStack(o.stack), o.collect(command)); err != nil {
				return err
			}
			return action(command, o)
		},
	}
}

// collect notes the configuration that flags set.
func (o *options) collect(command *cobra.Command) error {
	o.set = map[string]string{}
	for key := range keyFlags {
		if value, _ := command.Flags().GetString(key); value != "" {
			o.set[key] = value
		}
	}
	pairs, err := command.Flags().GetStringArray("config")
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("--config %s is not KEY=VALUE", pair)
		}
		o.set[strings.TrimPrefix(key, "orchard:")] = value
	}
	return nil
}
