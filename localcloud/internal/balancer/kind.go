package balancer

import "bytes"

// kind is what a field is to the balancer.
type kind uint8

const (
	other kind = iota
	host
	connection
	contentLength
	transferEncoding
	upgrade
	expect
	forwardedFor
	forwardedProto
	forwardedPort
	hop // of no use beyond one connection
)

// kinds are the fields that are not merely passed on.
var kinds = []struct {
	name []byte
	kind kind
}{
	{[]byte("Host"), host},
	{[]byte("Connection"), connection},
	{[]byte("Content-Length"), contentLength},
	{[]byte("Transfer-Encoding"), transferEncoding},
	{[]byte("Upgrade"), upgrade},
	{[]byte("Expect"), expect},
	{[]byte("X-Forwarded-For"), forwardedFor},
	{[]byte("X-Forwarded-Proto"), forwardedProto},
	{[]byte("X-Forwarded-Port"), forwardedPort},
	{[]byte("Keep-Alive"), hop},
	{[]byte("Proxy-Connection"), hop},
	{[]byte("Proxy-Authenticate"), hop},
	{[]byte("Proxy-Authorization"), hop},
	{[]byte("TE"), hop},
}

// byLength are the indexes of kinds by the length of the name.
var byLength = func() (table [20][]uint8) {
	for i, k := range kinds {
		table[len(k.name)] = append(table[len(k.name)], uint8(i))
	}
	return table
}()

func kindOf(name []byte) kind {
	if len(name) >= len(byLength) {
		return other
	}
	for _, i := range byLength[len(name)] {
		if bytes.EqualFold(kinds[i].name, name) {
			return kinds[i].kind
		}
	}
	return other
}

func (k kind) hopByHop() bool { return k == hop || k == connection || k == upgrade }

// essential fields may not be declared to be the connection's own.
func (k kind) essential() bool {
	return k == host || k == contentLength || k == transferEncoding
}
