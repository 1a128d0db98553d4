package world

import (
	"fmt"
	"slices"
)

// Hosts of zone 0, by kind: each kind has a range of its own, so that an
// address tells what answers there.
const (
	HostBalancer = "balancer"
	HostDatabase = "database"
)

var (
	hostKinds  = []string{HostBalancer, HostDatabase}
	hostRanges = map[string][2]int{HostBalancer: {10, 39}, HostDatabase: {40, 69}}
)

// Hosts of zone 0 where the daemon answers for a cloud's own services, and the
// instances' range in the other zones.
const (
	HostDaemon    = 2
	firstInstance = 4
	lastInstance  = 250
)

// Service is the address of the n-th service of the cloud itself, from 0.
func (w *World) Service(n int) string { return w.address(0, HostDaemon+n) }

func (w *World) address(zone, host int) string {
	return fmt.Sprintf("127.%d.%d.%d", w.state.Number, zone, host)
}

// Host is the address of a balancer or a database, by the id of its resource:
// the same one each time, until the resource is removed.
func (w *World) Host(kind, id string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := kind + "/" + id
	if host, ok := w.state.Hosts[key]; ok {
		return w.address(0, host), nil
	}
	limits, ok := hostRanges[kind]
	if !ok {
		return "", fmt.Errorf("there are no addresses for a %s", kind)
	}
	taken := map[int]bool{}
	for _, host := range w.state.Hosts {
		taken[host] = true
	}
	for host := limits[0]; host <= limits[1]; host++ {
		if !taken[host] {
			w.state.Hosts[key] = host
			return w.address(0, host), w.save()
		}
	}
	return "", fmt.Errorf("all %d addresses for a %s are taken", limits[1]-limits[0]+1, kind)
}

// instanceAddress is a free address in a zone, or "" where all are taken. An
// address that has just been given back is taken last, as a client may still
// hold a connection to it.
func (w *World) instanceAddress(zone string) string {
	number := slices.Index(w.declared.Zones, zone) + 1
	taken := map[string]bool{}
	for _, i := range w.state.Instances {
		taken[i.Address] = true
	}
	for range lastInstance - firstInstance + 1 {
		w.actual.nextHost[zone]++
		host := firstInstance + w.actual.nextHost[zone]%(lastInstance-firstInstance+1)
		if address := w.address(number, host); !taken[address] {
			return address
		}
	}
	return ""
}
