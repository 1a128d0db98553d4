//go:build boot

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"orchard/localcloud/internal/machine/supervisor"
)

// lead is one way between the network of a guest and that of this machine.
type lead struct {
	From, To string // host:port
	Inward   bool   // from this machine to the guest
}

// tunnelVariable has this program be a tunnel: its value is the network's name.
const tunnelVariable = "ORCHARD_BOOT_TUNNEL"

func TestMain(m *testing.M) {
	if network := os.Getenv(tunnelVariable); network != "" {
		if err := runTunnel(network, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "tunnel:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// startTunnel opens the ways of a guest. The tunnel is a process of its own that
// carries the instance's id: the local cloud asks the kernel who connects.
func (g *guest) startTunnel() {
	t := g.s.t
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe")
	cmd.Env = []string{tunnelVariable + "=" + g.network, supervisor.Marker + "=" + g.seat.ID}
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // the cloud kills it with its instance
	})
	if err := json.NewEncoder(in).Encode(g.seat.leads()); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("start tunnel: got %q, %v", line, err)
	}
}

// runTunnel opens the leads that in says, and carries what comes until in ends.
func runTunnel(network string, in io.Reader, out io.Writer) error {
	input := bufio.NewReader(in)
	line, err := input.ReadBytes('\n')
	if err != nil {
		return err
	}
	var leads []lead
	if err := json.Unmarshal(line, &leads); err != nil {
		return err
	}
	for _, l := range leads {
		if err := l.open(network); err != nil {
			return fmt.Errorf("open %+v: %w", l, err)
		}
	}
	fmt.Fprintln(out, "open")
	_, err = io.Copy(io.Discard, input)
	return err
}

func (l lead) open(network string) error {
	far, near := network, "" // where it listens, and where it leads
	if l.Inward {
		far, near = near, far
	}
	var listener net.Listener
	err := inside(far, func() (err error) {
		listener, err = net.Listen("tcp4", l.From)
		return err
	})
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(conn.(*net.TCPConn), near)
		}
	}()
	return nil
}

func (l lead) carry(from *net.TCPConn, network string) {
	defer from.Close()
	var to net.Conn
	err := inside(network, func() (err error) {
		to, err = net.Dial("tcp4", l.To)
		return err
	})
	if err != nil {
		return
	}
	defer to.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		pass(to.(*net.TCPConn), from)
	}()
	pass(from, to.(*net.TCPConn))
	<-done
}

// pass hands on what comes, and its end.
func pass(to, from *net.TCPConn) {
	_, _ = io.Copy(to, from) // either end may break off
	_ = to.CloseWrite()
	_ = from.CloseRead()
}

// inside calls f in a named network, or in this machine's for none. Sockets stay
// in the network that they were made in.
func inside(network string, f func() error) error {
	if network == "" {
		return f()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		file, err := os.Open(networkPath(network))
		if err != nil {
			done <- err
			return
		}
		defer file.Close()
		if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter network %s: %w", network, err)
			return
		}
		done <- f()
	}()
	return <-done
}

func networkPath(name string) string { return filepath.Join("/run/netns", name) }

// addNetwork makes a network with nothing but a loopback, at which the metadata
// service's address is too.
func (g *guest) addNetwork() {
	t := g.s.t
	t.Helper()
	ip := func(args string) {
		if out, err := exec.CommandContext(context.Background(), "ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Errorf("ip %s: %v\n%s", args, err, out)
		}
	}
	ip("netns add " + g.network)
	t.Cleanup(func() { ip("netns delete " + g.network) })
	ip("-n " + g.network + " link set lo up")
	ip("-n " + g.network + " address add 169.254.169.254/32 dev lo")
}
