//go:build boot

package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/machine/proc"
	"orchard/localcloud/internal/world"
)

// seat is the place of an instance whose own processes stand still. Whoever
// carries its id is the instance to the local cloud.
type seat struct {
	world.InstanceStatus
	userData  string
	authority []byte            // PEM
	services  map[string]string // where it is answered (host:port), by what a real machine asks
	endpoints []string          // AWS_ENDPOINT_URL_SERVICE=https://host:port, of the image
	database  string            // host:port
}

// takeSeat has one more instance launched, and stops it before it has reached
// the database: it then has installed nothing, holds no port, and its launch is
// under way.
func (s *stack) takeSeat() seat {
	s.t.Helper()
	for _, zone := range s.world().Zones {
		s.localcloud("fault", world.DatabaseBlocked, zone.Name)
	}
	before := s.world() // what comes now is kept from the database
	s.localcloud("scale", before.Groups[0].Name, strconv.Itoa(before.Groups[0].Desired+1))
	var instance world.InstanceStatus
	s.eventually("one more instance", time.Minute, func() (bool, string) {
		now := s.world().Instances
		i := slices.IndexFunc(now, func(i world.InstanceStatus) bool {
			return i.PID != 0 && !slices.ContainsFunc(before.Instances, func(b world.InstanceStatus) bool { return b.ID == i.ID })
		})
		if i >= 0 {
			instance = now[i]
		}
		return i >= 0, fmt.Sprintf("%+v", now)
	})
	s.localcloud("fault", world.InstanceHang, "--for", "30m", instance.ID)
	s.eventually("the instance stands still", 10*time.Second, func() (bool, string) {
		init, err := proc.Read(instance.PID)
		return err == nil && init.Stopped(), fmt.Sprintf("%+v %v", init, err)
	})
	for _, fault := range s.world().Faults {
		if fault.Kind == world.DatabaseBlocked {
			s.localcloud("fault", "end", fault.ID)
		}
	}
	return s.seatOf(instance)
}

// seatOf reads what the local cloud has given to an instance.
func (s *stack) seatOf(i world.InstanceStatus) seat {
	s.t.Helper()
	read := func(path string) []byte {
		content, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		return content
	}
	folder := filepath.Dir(i.Console)
	found := seat{
		InstanceStatus: i,
		userData:       string(read(filepath.Join(folder, "user-data"))),
		authority:      read(filepath.Join(folder, "ca.pem")),
		services:       map[string]string{},
		database:       s.world().Databases[0].Endpoint,
	}
	lead := regexp.MustCompile(`connect-to = "([^:]+:\d+):([^:]+:\d+)"`)
	for _, m := range lead.FindAllStringSubmatch(string(read(filepath.Join(folder, "curl/.curlrc"))), -1) {
		found.services[m[1]] = m[2]
	}
	for _, entry := range strings.Split(string(read(fmt.Sprintf("/proc/%d/environ", i.PID))), "\x00") {
		if strings.HasPrefix(entry, "AWS_ENDPOINT_URL_") {
			found.endpoints = append(found.endpoints, entry)
		}
	}
	return found
}

var (
	unitFile = regexp.MustCompile(`(?m)^cat >"\$units/([^"]+)"`)
	digest   = regexp.MustCompile(`(?m)^release=([0-9a-f]{64})$`)
)

// units are those that the user-data writes.
func (s seat) units() []string {
	var names []string
	for _, m := range unitFile.FindAllStringSubmatch(s.userData, -1) {
		names = append(names, m[1])
	}
	return names
}

// release is the digest of the release, empty when the user-data names none.
func (s seat) release() string {
	if m := digest.FindStringSubmatch(s.userData); m != nil {
		return m[1]
	}
	return ""
}

// hosts are the lines of /etc/hosts by which names of the cloud lead to where
// the local cloud answers for them.
func (s seat) hosts() string {
	lines := "127.0.0.1 localhost\n::1 localhost\n"
	for name, at := range s.services {
		if host, _, _ := net.SplitHostPort(name); net.ParseIP(host) == nil {
			address, _, _ := net.SplitHostPort(at)
			lines += address + " " + host + "\n"
		}
	}
	return lines
}

// leads are the ways between the guest's network and the local cloud: to the
// services at the ports of a real cloud, to the endpoints, to the database, and
// from the load balancer to the service.
func (s seat) leads() []lead {
	all := []lead{{From: s.database, To: s.database}, {From: s.Address + ":8080", To: "127.0.0.1:8080", Inward: true}}
	for name, at := range s.services {
		host, port, _ := net.SplitHostPort(name)
		if net.ParseIP(host) == nil {
			host, _, _ = net.SplitHostPort(at)
		}
		all = append(all, lead{From: net.JoinHostPort(host, port), To: at})
	}
	for _, entry := range s.endpoints {
		_, at, _ := strings.Cut(entry, "=https://")
		all = append(all, lead{From: at, To: at})
	}
	return all
}
