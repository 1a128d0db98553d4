package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"orchard/loadrunner/internal/drill"
	"orchard/loadrunner/internal/drill/control"
	"orchard/loadrunner/internal/runner"
)

// drillFlags are those of commands that meet a local cloud.
type drillFlags struct {
	state, stack, url, tokenFile, folder, binary string
}

func drillCommand(getenv func(string) string) *cobra.Command {
	c := &cobra.Command{Use: "drill", Short: "Break a stack under load, and judge what its clients noticed"}
	c.AddCommand(drillRunCommand(getenv), drillCleanCommand(), drillCompileCommand())
	return c
}

func (f *drillFlags) add(c *cobra.Command) {
	s := c.Flags()
	s.StringVar(&f.state, "state", "", "state folder of the local cloud (localcloud path prints it)")
	s.StringVar(&f.stack, "stack", "", "the stack; needed where several are up")
	s.StringVar(&f.folder, "out", "out/drills", "folder for the results, and for what undoes the drills")
	_ = c.MarkFlagRequired("state")
}

func drillRunCommand(getenv func(string) string) *cobra.Command {
	var f drillFlags
	c := &cobra.Command{
		Use:   "run FILE... [-- COMMAND...]",
		Short: "Hold drills one after another, with a verdict each and a summary",
		Long: `Run holds drills on a stack of the local cloud that is up. The command after -- rolls
a release out; RELEASE=PATH is added to it. Writes need the stack's token, from
--token-file or ORCHARD_WRITE_TOKEN.

It exits with 0 when every verdict is pass, 1 when one is fail, and 2 when one is
inconclusive or a file is bad. Interrupted, it undoes what it has done.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args, getenv) },
	}
	f.add(c)
	c.Flags().StringVar(&f.url, "url", "", "the service")
	c.Flags().StringVar(&f.tokenFile, "token-file", "", "file with the write token")
	c.Flags().StringVar(&f.binary, "release", "bin/orchard", "the release that is up")
	_ = c.MarkFlagRequired("url")
	return c
}

func (f *drillFlags) run(c *cobra.Command, args []string, getenv func(string) string) error {
	names, deploy := args, []string(nil)
	if dash := c.ArgsLenAtDash(); dash >= 0 {
		names, deploy = args[:dash], args[dash:]
	}
	files, err := readDrills(names)
	if err != nil {
		return err
	}
	token, err := runner.Token(f.tokenFile, getenv)
	if err != nil {
		return err
	}
	o := drill.Options{
		Control: control.New(f.state, f.stack), URL: f.url, Token: token, Folder: f.folder,
		Deploy: deploy, Binary: f.binary, Progress: c.ErrOrStderr(),
	}
	var verdicts []drill.Verdict
	for _, file := range files {
		v, err := drill.Run(c.Context(), file, o)
		if err != nil {
			return errors.Join(err, drill.Table(c.OutOrStdout(), verdicts))
		}
		verdicts = append(verdicts, v)
	}
	return errors.Join(drill.Table(c.OutOrStdout(), verdicts), judged(verdicts))
}

// readDrills reads every file before the first drill begins.
func readDrills(names []string) ([]drill.File, error) {
	var files []drill.File
	var errs []error
	for _, name := range names {
		file, err := drill.Read(name)
		files, errs = append(files, file), append(errs, err)
	}
	return files, errors.Join(errs...)
}

// judged says how to exit.
func judged(verdicts []drill.Verdict) error {
	var missed error
	for _, v := range verdicts {
		switch v.Verdict {
		case drill.Inconclusive:
			return fmt.Errorf("drill %s is inconclusive: %s", v.Drill, v.Reasons[0])
		case drill.Fail:
			missed = errMissed
		}
	}
	return missed
}

func drillCleanCommand() *cobra.Command {
	var f drillFlags
	c := &cobra.Command{
		Use:   "clean",
		Short: "Undo what a drill that was killed has left; the next drill does so too",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return drill.Clean(c.Context(), f.folder, control.New(f.state, f.stack))
		},
	}
	f.add(c)
	return c
}
