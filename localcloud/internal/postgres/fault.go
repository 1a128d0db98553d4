package postgres

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// Kill ends every process of a server at once, as a machine that loses its
// power does. The name is that of a Server; one that does not run is no error.
func (p *Pair) Kill(ctx context.Context, name string) error {
	server, _ := p.State().server(name)
	if err := Fence(ctx, p.layout(name).data(), server.Process); err != nil {
		return fmt.Errorf("kill server %s: %w", name, err)
	}
	return nil
}

// Hang stops every process of a server where it stands; connections are taken
// and not answered. Whoever fences the server ends the hang with it.
func (p *Pair) Hang(name string) error {
	server, _ := p.State().server(name)
	if err := server.Process.signal(unix.SIGSTOP); err != nil { // first, so that no child is born meanwhile
		return fmt.Errorf("hang server %s: %w", name, err)
	}
	return p.signalAll(name, unix.SIGSTOP)
}

// Unhang has a server that hangs go on. One that does not hang is left alone.
func (p *Pair) Unhang(name string) error { return p.signalAll(name, unix.SIGCONT) }

func (p *Pair) signalAll(name string, signal unix.Signal) error {
	server, _ := p.State().server(name)
	members, err := membersOf(p.layout(name).data(), server.Process)
	if err != nil {
		return fmt.Errorf("signal server %s: %w", name, err)
	}
	for _, member := range members {
		if err := member.signal(signal); err != nil {
			return fmt.Errorf("signal server %s: %w", name, err)
		}
	}
	return nil
}
