package cloudservice

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Curlrc is what curl on an instance is told. It leads the well-known addresses
// of a real machine to where they are answered here: the metadata service to
// its address, the hosts of the region's services (port 443) to theirs, and
// localhost to the instance's own address, which is where its services listen.
// The file root holds the authority to trust.
func Curlrc(own, metadata, root string, hosts map[string]string) string {
	var out strings.Builder
	lead := func(from, to string) { fmt.Fprintf(&out, "connect-to = \"%s:%s\"\n", from, to) }
	lead("169.254.169.254:80", metadata)
	lead("localhost:", own+":")
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		lead(host+":443", hosts[host])
	}
	fmt.Fprintf(&out, "cacert = \"%s\"\n", root)
	return out.String()
}
