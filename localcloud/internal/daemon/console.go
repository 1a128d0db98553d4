package daemon

import (
	"context"
	"fmt"

	"orchard/localcloud/internal/console"
)

// consolePort is the name under which the console's port is kept.
const consolePort = "console"

// serveConsole answers browsers.
func (d *Daemon) serveConsole(ctx context.Context) error {
	l, err := d.cfg.Folder.listen(consolePort)
	if err != nil {
		return err
	}
	d.group.Go(func() error { return console.Serve(ctx, l, shown{d}, d.cfg.Log) })
	return nil
}

// Console is the address of the console of the folder's daemon.
func (f Folder) Console(ctx context.Context) (string, error) {
	if _, err := f.Status(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("http://127.0.0.1:%d/", f.lastPort(consolePort)), nil
}

// shown is a daemon as its console sees it.
type shown struct{ d *Daemon }

func (s shown) Report() console.Report { return s.d.report() }

func (s shown) World(stack string) (console.World, bool) { return s.d.find(stack) }
