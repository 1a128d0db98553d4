package balancer

// tokens are the characters that names of fields and methods are made of.
// Source: RFC 9110, section 5.6.2.
var tokens = func() (table [256]bool) {
	for c := range table {
		table[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		table[c] = true
	}
	return table
}()

func isToken(p []byte) bool {
	for _, c := range p {
		if !tokens[c] {
			return false
		}
	}
	return len(p) > 0
}

// isText says that there is no control character but the tab. Bytes beyond
// ASCII are nobody's business on the way.
func isText(p []byte) bool {
	for _, c := range p {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isVisible says that there is neither a control character nor a space.
func isVisible(p []byte) bool {
	for _, c := range p {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// trim takes spaces and tabs from both ends.
func trim(p []byte) []byte {
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		p = p[1:]
	}
	for len(p) > 0 && (p[len(p)-1] == ' ' || p[len(p)-1] == '\t') {
		p = p[:len(p)-1]
	}
	return p
}

// decimal is the number that p is, if it is at most 18 digits and nothing
// else.
func decimal(p []byte) (n int64, ok bool) {
	for _, c := range p {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, 0 < len(p) && len(p) <= 18
}
