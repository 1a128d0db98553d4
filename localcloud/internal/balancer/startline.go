package balancer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
)

// requestHead is the head of a request.
type requestHead struct {
	head
	method, target []byte
	authority      []byte // of the target, else the host; nil for none
	minor          int    // HTTP/1.minor

	// These stay true when the buffer that the head was in is used again.
	isHead    bool
	expects   bool // to be told to go on
	upgrading bool // to another protocol; with a body it cannot
}

var (
	errProtocol = errors.New("the protocol is not HTTP/1")
	httpOne     = []byte("HTTP/1.")
)

// parse takes the head of a request apart. The error is errProtocol for one
// of another protocol.
func (r *requestHead) parse(text []byte) error {
	err := r.head.parse(text)
	if lineErr := r.requestLine(); lineErr != nil || err != nil {
		return cmp.Or(lineErr, err)
	}
	if r.hosts > 1 || r.hosts == 0 && r.minor > 0 {
		return fmt.Errorf("the request has %d fields Host, want 1", r.hosts)
	}
	if r.chunked && r.minor == 0 {
		return errors.New("HTTP/1.0 knows no transfer encoding")
	}
	if r.authority == nil {
		r.authority = r.field(host)
	}
	if !isAuthority(r.authority) {
		return fmt.Errorf("host %q is no host", r.authority)
	}
	r.isHead = string(r.method) == "HEAD"
	r.expects = r.minor > 0 && r.field(expect) != nil
	r.upgrading = r.upgrades && r.field(upgrade) != nil && r.framing().ended
	return nil
}

// framing is how the body is framed.
func (r *requestHead) framing() framing {
	switch {
	case r.chunked:
		return inChunks()
	case r.length > 0:
		return ofLength(r.length)
	}
	return noBody()
}

func (r *requestHead) requestLine() error {
	method, rest, _ := bytes.Cut(r.line, []byte(" "))
	target, version, _ := bytes.Cut(rest, []byte(" "))
	r.method, r.target, r.authority = method, target, nil
	minor, err := httpMinor(version)
	switch {
	case err != nil:
		return err
	case !isToken(method) || !isVisible(target):
		return fmt.Errorf("%q is no request line", r.line)
	}
	r.minor = minor
	return r.splitTarget()
}

// httpMinor is the minor version of HTTP/1.
func httpMinor(version []byte) (int, error) {
	if len(version) != len("HTTP/1.1") || string(version[:5]) != "HTTP/" || version[6] != '.' {
		return 0, fmt.Errorf("%q is no version of HTTP", version)
	}
	major, minor := version[5]-'0', version[7]-'0'
	switch {
	case major > 9 || minor > 9:
		return 0, fmt.Errorf("%q is no version of HTTP", version)
	case major != 1:
		return 0, errProtocol
	}
	return min(int(minor), 1), nil
}

// splitTarget accepts a path, which may name the host before it, and * for
// OPTIONS.
func (r *requestHead) splitTarget() error {
	for _, scheme := range []string{"http://", "https://"} {
		if len(r.target) < len(scheme) || !bytes.EqualFold(r.target[:len(scheme)], []byte(scheme)) {
			continue
		}
		rest := r.target[len(scheme):]
		end := bytes.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			break
		}
		r.authority, r.target = rest[:end], rest[end:]
		return nil
	}
	if len(r.target) > 0 && r.target[0] == '/' || string(r.target) == "*" && string(r.method) == "OPTIONS" {
		return nil
	}
	return fmt.Errorf("%q is no target of a request", r.target)
}

// isAuthority says whether a value can be a host and a port. An empty one
// can.
func isAuthority(p []byte) bool { return isVisible(p) && !bytes.ContainsAny(p, "/\\?#@,\"<>") }

// mayBeAnswer says whether text can be the beginning of an answer.
func mayBeAnswer(text []byte) bool {
	n := min(len(text), len(httpOne))
	return bytes.Equal(text[:n], httpOne[:n])
}

// answerHead is the head of an answer.
type answerHead struct {
	head
	status int
	text   []byte // the start line without the version: status and reason
	minor  int
}

func (a *answerHead) parse(text []byte) error {
	err := a.head.parse(text)
	return cmp.Or(a.statusLine(), err)
}

func (a *answerHead) statusLine() error {
	version, text, _ := bytes.Cut(a.line, []byte(" "))
	minor, err := httpMinor(version)
	if err != nil {
		return err
	}
	code, _, _ := bytes.Cut(text, []byte(" "))
	status, ok := decimal(code)
	if !ok || len(code) != 3 || status < 100 || !isText(text) {
		return fmt.Errorf("%q is no status line", a.line)
	}
	a.minor, a.status, a.text = minor, int(status), text
	return nil
}

// bodiless says that no body follows the head, whatever its fields say.
// Source: RFC 9112, section 6.3.
func (a *answerHead) bodiless() bool {
	return a.status < 200 || a.status == 204 || a.status == 304
}
