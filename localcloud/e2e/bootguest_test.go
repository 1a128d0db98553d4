//go:build boot

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/machine/proc"
	"orchard/localcloud/internal/machine/supervisor"
)

// guest is a system with an init of its own that is an instance to the local
// cloud. It is gone after the test.
type guest struct {
	s       *stack
	seat    seat
	root    string // its file system
	network string
	nspawn  *exec.Cmd     // the process that holds it
	ended   chan struct{} // closed when that has ended
	init    int           // its first process
	console transcript
}

// seedConfig has cloud-init find its seed on the disk, and do of its work what
// the clouds' images have in common: name the machine, run the user-data.
const seedConfig = `datasource_list: [NoCloud]
network: {config: disabled}
cloud_init_modules: [set_hostname]
cloud_config_modules: []
cloud_final_modules: [scripts-user]
`

// newGuest copies the image and adds what a cloud's image and launch bring:
// the user-data, the command aws, the names of services and an authority.
func (s *stack) newGuest(place seat) *guest {
	s.t.Helper()
	folder, err := os.MkdirTemp("/var/tmp", "orchard-boot-")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			s.t.Error(err)
		}
	})
	g := &guest{s: s, seat: place, root: filepath.Join(folder, "root"), network: filepath.Base(folder)}
	g.host("cp", "--archive", "--reflink=auto", *image, g.root)
	g.write("etc/hosts", place.hosts())
	g.write("usr/local/share/ca-certificates/localcloud.crt", string(place.authority))
	g.host("chroot", g.root, "update-ca-certificates")
	g.write("var/lib/cloud/seed/nocloud/user-data", place.userData)
	g.write("var/lib/cloud/seed/nocloud/meta-data", "instance-id: "+place.ID+"\nlocal-hostname: orchard\n")
	g.write("etc/cloud/cloud.cfg.d/seed.cfg", seedConfig)
	if len(place.endpoints) > 0 {
		g.write("etc/systemd/system.conf.d/endpoints.conf", "[Manager]\nDefaultEnvironment="+strings.Join(place.endpoints, " ")+"\n")
		g.host("cp", filepath.Join(s.root, "bin/localcloud"), filepath.Join(g.root, "usr/bin/aws"))
	}
	return g
}

func (g *guest) write(path, content string) {
	g.s.t.Helper()
	path = filepath.Join(g.root, path)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err = errors.Join(err, os.WriteFile(path, []byte(content), 0o644)); err != nil {
		g.s.t.Fatal(err)
	}
}

// host runs a command of this machine.
func (g *guest) host(name string, args ...string) {
	g.s.t.Helper()
	if out, err := exec.CommandContext(g.s.t.Context(), name, args...).CombinedOutput(); err != nil {
		g.s.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// powerOn starts the guest in a network of its own.
func (g *guest) powerOn() {
	g.s.t.Helper()
	g.addNetwork()
	g.startTunnel()
	g.s.t.Cleanup(func() {
		if g.s.t.Failed() {
			journal, _ := g.run("journalctl", "--no-pager", "--lines=40", "--unit=orchard*") // for the message
			g.s.t.Logf("its units:\n%s", journal)
		}
		_ = g.nspawn.Process.Kill() // its init dies with it; the cloud may have been first
		<-g.ended
		_ = os.Remove(filepath.Join("/run/systemd/nspawn/propagate", g.network)) // it stays where /run is on a disk
		if g.s.t.Failed() {
			g.s.t.Logf("the guest said:\n%s\nits user-data:\n%s", g.console.String(), g.said())
		}
	})
	g.start()
}

// start starts the guest's init. The process that holds it carries the
// instance's id, so that the cloud ends the guest with its instance.
func (g *guest) start() {
	g.s.t.Helper()
	g.nspawn = exec.CommandContext(context.Background(), "systemd-nspawn",
		"--boot", "--quiet", "--directory="+g.root, "--machine="+g.network, "--network-namespace-path="+networkPath(g.network),
		"--register=no", "--keep-unit", "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=pipe")
	g.nspawn.Env = append(os.Environ(), supervisor.Marker+"="+g.seat.ID)
	g.nspawn.Stdout, g.nspawn.Stderr = &g.console, &g.console
	if err := g.nspawn.Start(); err != nil {
		g.s.t.Fatal(err)
	}
	g.ended = make(chan struct{})
	go func() {
		defer close(g.ended)
		_ = g.nspawn.Wait() // ProcessState has the code
	}()
	g.s.eventually("the guest's init", 30*time.Second, func() (bool, string) {
		all, err := proc.All()
		if err != nil {
			return false, err.Error()
		}
		for _, p := range proc.Descendants(all, g.nspawn.Process.Pid) {
			if firstOfNamespace(p.PID) {
				g.init = p.PID
				return true, ""
			}
		}
		return false, g.console.String()
	})
}

// rebooted is the exit code of systemd-nspawn --keep-unit when the guest wants
// to be started again.
const rebooted = 133

// reboot has the guest restart, as its operator would.
func (g *guest) reboot() {
	g.s.t.Helper()
	_, _ = g.run("systemctl", "reboot") // the answer may be lost
	g.s.eventually("the guest's end", time.Minute, func() (bool, string) {
		select {
		case <-g.ended:
			return true, ""
		default:
			return false, g.console.String()
		}
	})
	if code := g.nspawn.ProcessState.ExitCode(); code != rebooted {
		g.s.t.Fatalf("reboot: the guest ended with code %d, want %d\n%s", code, rebooted, g.console.String())
	}
	g.start()
}

// firstOfNamespace says whether a process is number 1 in its own namespace.
func firstOfNamespace(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false // it has just ended
	}
	_, rest, _ := strings.Cut(string(status), "NSpid:")
	line, _, _ := strings.Cut(rest, "\n")
	numbers := strings.Fields(line)
	return len(numbers) > 1 && numbers[len(numbers)-1] == "1"
}

// run runs a command in the guest, and answers what it printed.
func (g *guest) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // the end of a test asks too
	defer cancel()
	args = append([]string{"--target", strconv.Itoa(g.init), "--all", "--", "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, args...)
	out, err := exec.CommandContext(ctx, "nsenter", args...).CombinedOutput()
	return string(out), err
}

// must is run for a command that has to succeed; it answers one line.
func (g *guest) must(args ...string) string {
	g.s.t.Helper()
	out, err := g.run(args...)
	if err != nil {
		g.s.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}

// cloudInit waits until cloud-init has done its work, and wants it to have gone
// so.
func (g *guest) cloudInit(want string) {
	g.s.t.Helper()
	var status string
	g.s.eventually("the end of cloud-init", 3*time.Minute, func() (bool, string) {
		out, _ := g.run("cloud-init", "status") // fails while the system comes up, and for an error
		status = strings.TrimPrefix(strings.TrimSpace(out), "status: ")
		return status == "done" || status == "error", out
	})
	if status != want {
		g.s.t.Fatalf("cloud-init: got %s, want %s; the user-data says\n%s", status, want, g.said())
	}
}

// said is what the user-data has printed.
func (g *guest) said() string {
	said, err := os.ReadFile(filepath.Join(g.root, "var/log/cloud-init-output.log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		g.s.t.Error(err)
	}
	return string(said)
}
