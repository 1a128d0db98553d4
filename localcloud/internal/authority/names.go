package authority

import (
	"crypto/tls"
	"sync"
)

// keptNames bounds how many certificates are kept for names that clients ask
// for.
const keptNames = 64

// ByName answers TLS clients with a certificate for the name that they ask for,
// made when it is first asked for, or for the fallback where they name none.
func (a *Authority) ByName(fallback string) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	var mu sync.Mutex
	known := map[string]*tls.Certificate{}
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		name := hello.ServerName
		if name == "" {
			name = fallback
		}
		mu.Lock()
		defer mu.Unlock()
		if c, ok := known[name]; ok {
			return c, nil
		}
		if len(known) == keptNames {
			clear(known)
		}
		c, err := a.Issue(name)
		if err != nil {
			return nil, err
		}
		known[name] = &c
		return &c, nil
	}
}
