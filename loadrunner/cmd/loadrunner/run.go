package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"orchard/loadrunner/internal/metrics"
	"orchard/loadrunner/internal/plan"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/report"
	"orchard/loadrunner/internal/results"
	"orchard/loadrunner/internal/runner"
)

// flags of run.
type flags struct {
	url, outputs      string
	rate              float64
	length            time.Duration
	requests          int
	every             time.Duration
	closed            bool
	connections       int
	get               string
	mix               string
	objectives        []string
	tokenFile, folder string
	node, metrics     string
	behind            string
	html, records     bool
}

func runCommand(getenv func(string) string) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "run [PLAN]",
		Short: "Carry out a plan, or what the flags say",
		Long: `Run carries out a plan file, or makes a plan of its flags:

  loadrunner run --url http://127.1.0.10:8080 --rate 300 --for 30s
  loadrunner run --url http://127.1.0.10:8080 --requests 10000 --every 1m
  loadrunner run --url http://127.1.0.10:8080 --closed --connections 50 --for 10s

Writes need the stack's token, from --token-file or ORCHARD_WRITE_TOKEN.
Interrupted, it stops sending and reports what it has.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args, getenv) },
	}
	s := c.Flags()
	s.StringVar(&f.url, "url", "", "the target, instead of the plan's")
	s.StringVar(&f.outputs, "outputs", "", "a file of a stack's outputs (make outputs) that names the target")
	s.Float64Var(&f.rate, "rate", 0, "requests/s of an open loop")
	s.DurationVar(&f.length, "for", 0, "how long requests are due (with --requests: one period)")
	s.IntVar(&f.requests, "requests", 0, "requests in each period, spread evenly over it")
	s.DurationVar(&f.every, "every", time.Minute, "the period of --requests")
	s.BoolVar(&f.closed, "closed", false, "a closed loop: each connection asks again as soon as it is answered")
	s.IntVar(&f.connections, "connections", 0, "connections that are opened at once (default 20)")
	s.StringVar(&f.get, "get", "", "ask for one path instead of the mix")
	s.StringVar(&f.mix, "mix", "", "weights, such as list=40,detail=40,create=10,update=10")
	s.StringArrayVar(&f.objectives, "objective", nil, `what to hold the result to, such as "p99 < 50ms"; may be repeated`)
	s.StringVar(&f.tokenFile, "token-file", "", "file with the write token")
	s.StringVar(&f.folder, "out", "", "folder for the results")
	s.StringVar(&f.behind, "behind", "", "share of the requests that the generator may notice late before the run is broken (default 1%)")
	s.StringVar(&f.node, "node", "", "name of this node in its results (default: the host's)")
	s.StringVar(&f.metrics, "metrics", "", "address on loopback for Prometheus metrics while running")
	s.BoolVar(&f.records, "records", false, "write each request into the results, for loadrunner records")
	s.BoolVar(&f.html, "html", false, "write report.html into the folder")
	return c
}

func (f *flags) run(c *cobra.Command, args []string, getenv func(string) string) error {
	p, err := f.plan(c, args)
	if err != nil {
		return err
	}
	if f.html && f.folder == "" {
		return errors.New("--html needs --out: the report goes there")
	}
	o := runner.Options{Folder: f.folder, Node: f.node}
	if o.Token, err = runner.Token(f.tokenFile, getenv); err != nil {
		return err
	}
	if o.Node == "" {
		o.Node, _ = os.Hostname()
	}
	progress := &report.Progress{To: c.ErrOrStderr(), Terminal: isTerminal(c.ErrOrStderr()), Length: p.Engine.Lasts()}
	o.Window = progress.Window
	if f.metrics != "" {
		m := metrics.New()
		stop, err := m.Serve(f.metrics)
		if err != nil {
			return err
		}
		defer stop()
		o.Window = func(w *record.Window) { progress.Window(w); m.Window(w) }
	}
	d, err := runner.Run(c.Context(), p, o)
	progress.Finish()
	if err != nil {
		return err
	}
	return f.show(c.OutOrStdout(), d)
}

// show reports the run and says how to exit.
func (f *flags) show(w io.Writer, d *results.Document) error {
	if err := report.Terminal(w, d); err != nil {
		return err
	}
	if f.html {
		if err := writeHTML(f.folder, ""); err != nil {
			return err
		}
	}
	switch {
	case d.Broken != "":
		return fmt.Errorf("the run is broken: %s", d.Broken)
	case !d.Met():
		return errMissed
	}
	return nil
}

func (f *flags) plan(c *cobra.Command, args []string) (*plan.Plan, error) {
	if len(args) == 1 {
		for _, name := range []string{"outputs", "rate", "for", "requests", "every", "closed", "connections", "get", "mix", "objective", "behind", "records"} {
			if c.Flags().Changed(name) {
				return nil, fmt.Errorf("--%s is the plan's to say: change %s, or leave the plan out", name, args[0])
			}
		}
		return plan.Read(args[0], f.url)
	}
	file := plan.File{
		Target: plan.Target{URL: f.url, Outputs: f.outputs}, Get: f.get, Objectives: f.objectives,
		Connections: f.connections, Behind: f.behind, Records: f.records,
	}
	if err := f.load(&file); err != nil {
		return nil, err
	}
	if f.mix != "" {
		m, err := plan.ParseMix(f.mix)
		if err != nil {
			return nil, err
		}
		file.Mix = m
	}
	return file.Check()
}

// load makes the loop of the flags: exactly one of three.
func (f *flags) load(file *plan.File) error {
	given := 0
	for _, is := range []bool{f.rate != 0, f.requests != 0, f.closed} {
		if is {
			given++
		}
	}
	if given != 1 {
		return errors.New("give a plan, or one of --rate, --requests and --closed")
	}
	switch {
	case f.closed:
		file.Closed = &plan.Closed{For: plan.Duration(f.length)}
	case f.requests != 0:
		if f.requests < 0 || f.every <= 0 {
			return errors.New("--requests and --every are more than 0")
		}
		if f.length == 0 {
			f.length = f.every
		}
		f.rate = float64(f.requests) / f.every.Seconds()
		fallthrough
	default:
		file.Phases = []plan.Phase{{Shape: "constant", Rate: f.rate, For: plan.Duration(f.length)}}
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
