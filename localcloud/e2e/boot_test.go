//go:build boot

package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var image = flag.String("image", "", "folder of the guest's image, as scripts/boot.sh makes it")

// worst is the exposure that systemd may find in a service, from 0 to 10.
const worst = 2.5

// TestBoot boots the user-data, byte for byte, on a system such as the clouds
// have: systemd, cloud-init, ports and names as they are there. A guest takes
// the seat of an instance of the local cloud, which answers what it asks.
func TestBoot(t *testing.T) {
	for _, cloud := range []string{"aws", "azure"} {
		t.Run(cloud, func(t *testing.T) {
			s := newStack(t, "CLOUD="+cloud, "TIMESCALE=1")
			s.up()
			t.Run("a release", func(t *testing.T) { boots(t, s.in(t)) })
			t.Run("a damaged release", func(t *testing.T) { refuses(t, s.in(t), cloud) })
		})
	}
}

func boots(t *testing.T, s *stack) {
	g := s.newGuest(s.takeSeat())
	began := time.Now()
	g.powerOn()
	g.cloudInit("done")
	t.Logf("booted and serving after %.1f s", time.Since(began).Seconds())
	g.active()
	g.answers()
	g.hardened()
	g.killed()
	began = time.Now()
	g.reboot()
	g.cloudInit("done")
	g.active()
	g.answers()
	t.Logf("rebooted and in service after %.1f s", time.Since(began).Seconds())
	if n := strings.Count(g.said(), "orchard bootstrap: serving release"); n != 1 {
		t.Errorf("the user-data has run %d times, want once in the life of a machine", n)
	}
}

// active wants all units as the user-data leaves them.
func (g *guest) active() {
	g.s.t.Helper()
	for _, unit := range g.seat.units() {
		if out, err := g.run("systemctl", "is-active", unit); err != nil {
			g.s.t.Errorf("%s: got %s, want active", unit, strings.TrimSpace(out))
		}
	}
}

// answers wants the guest in service: the load balancer leads requests to it.
func (g *guest) answers() {
	g.s.t.Helper()
	g.s.eventually("an answer of the guest through the load balancer", time.Minute, func() (bool, string) {
		status, header, body, err := g.s.tryAsk(http.MethodGet, "/api/v1/fruit/", "")
		from := header.Get("X-Orchard-Instance")
		return status == http.StatusOK && from == g.seat.ID, fmt.Sprintf("%d from %s %s %v", status, from, body, err)
	})
}

var exposure = regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)

// hardened wants no service more exposed than the worst.
func (g *guest) hardened() {
	g.s.t.Helper()
	for _, unit := range g.seat.units() {
		if !strings.HasSuffix(unit, ".service") {
			continue
		}
		found := exposure.FindStringSubmatch(g.must("systemd-analyze", "security", "--no-pager", unit))
		if found == nil {
			g.s.t.Fatalf("systemd-analyze security %s says no exposure", unit)
		}
		g.s.t.Logf("exposure of %s: %s", unit, found[1])
		if score, err := strconv.ParseFloat(found[1], 64); err != nil || score > worst {
			g.s.t.Errorf("exposure of %s: got %s, want %.1f at most: systemd-analyze security lists what is open", unit, found[1], worst)
		}
	}
}

// killed wants the service back when it is killed.
func (g *guest) killed() {
	g.s.t.Helper()
	const service = "orchard.service"
	before := g.must("systemctl", "show", "--value", "--property=MainPID", service)
	g.must("bash", "-c", "kill -9 "+before)
	began := time.Now()
	g.s.eventually("another process of the service", 10*time.Second, func() (bool, string) {
		out, err := g.run("systemctl", "show", "--property=MainPID,NRestarts,ActiveState", service)
		again := !strings.Contains(out, "MainPID="+before+"\n") && strings.Contains(out, "NRestarts=1") && strings.Contains(out, "ActiveState=active")
		return err == nil && again, out
	})
	g.must("curl", "-sSf", "--max-time", "5", "http://localhost:8080/livez")
	g.s.t.Logf("restarted %.1f s after kill -9", time.Since(began).Seconds())
	g.answers()
}

// refuses wants nothing installed of a release that is not the declared one,
// and the cloud told.
func refuses(t *testing.T, s *stack, cloud string) {
	g := s.newGuest(s.takeSeat())
	s.damage(g.seat.release())
	began := time.Now()
	g.powerOn()
	s.eventually("the end of the user-data", 2*time.Minute, func() (bool, string) {
		said := g.said()
		return strings.Contains(said, "orchard bootstrap: failed at line"), said
	})
	if said := g.said(); !strings.Contains(said, "did NOT match") {
		t.Errorf("the user-data says\n%s\nwant that the checksum did not match", said)
	}
	if _, err := os.Lstat(filepath.Join(g.root, "usr/local/bin/orchard")); !os.IsNotExist(err) {
		t.Errorf("the release is installed although it is not the declared one (%v)", err)
	}
	if enabled, err := filepath.Glob(filepath.Join(g.root, "etc/systemd/system/*.wants/orchard*")); err != nil || len(enabled) > 0 {
		t.Errorf("units that are enabled: got %v, %v, want none", enabled, err)
	}
	g.reported(cloud, began)
}

// reported wants the failure at the cloud: given up by the launch hook, or, on
// the cloud that asks the machine, never healthy.
func (g *guest) reported(cloud string, began time.Time) {
	g.s.t.Helper()
	if cloud == "azure" {
		g.cloudInit("error")
		if out, err := g.run("curl", "-sS", "--max-time", "5", "http://localhost:8080/livez"); err == nil {
			g.s.t.Errorf("the health check: got %s, want no answer", out)
		}
		for _, i := range g.s.world().Instances {
			if i.ID == g.seat.ID && i.Health == "healthy" {
				g.s.t.Errorf("the load balancer takes the instance for healthy: %+v", i)
			}
		}
		return
	}
	g.s.eventually("the launch given up", time.Minute, func() (bool, string) {
		var told []string
		for _, e := range g.s.events(began) {
			if e.ID == g.seat.ID {
				told = append(told, e.Message)
			}
		}
		all := strings.Join(told, "\n")
		return strings.Contains(all, "abandoned: it gave its launch up"), all
	})
}

// damage changes one byte of a release where the store keeps it.
func (s *stack) damage(digest string) {
	s.t.Helper()
	path := filepath.Join(s.state.Blobs(), digest)
	content, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.Remove(path); err != nil { // it may be a link
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		s.t.Fatal(err)
	}
}
