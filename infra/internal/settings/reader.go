package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const namespace = "orchard:"

// The shapes of texts. They keep out what could not be meant, and with it
// anything that a shell or a URL would read as more than a word.
var (
	anything    = regexp.MustCompile(`.`)
	region      = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)
	zone        = regexp.MustCompile(`^[a-z0-9-]{1,15}$`)
	word        = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)
	addresses   = regexp.MustCompile(`^\d{1,3}(\.\d{1,3}){3}(/([1-9]|[12]\d|30))?$`)
	certificate = regexp.MustCompile(`^arn:[a-z-]+:(acm|iam):[A-Za-z0-9:/_.-]+$`)
	vaultSecret = regexp.MustCompile(`^/subscriptions/[0-9a-f-]{36}/resourceGroups/[A-Za-z0-9._()-]{1,90}/providers/Microsoft\.KeyVault/vaults/[A-Za-z][A-Za-z0-9-]{2,23}/secrets/[A-Za-z0-9-]{1,127}$`)
	domain      = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
)

// reader takes values one by one and keeps every problem that it meets.
type reader struct {
	get      Lookup
	known    map[string]bool
	problems []string
}

func (r *reader) problem(key, format string, args ...any) {
	r.problems = append(r.problems, namespace+key+" "+fmt.Sprintf(format, args...))
}

func (r *reader) raw(key string) (string, bool) {
	r.known[namespace+key] = true
	value, ok := r.get(namespace + key)
	if !ok {
		r.problem(key, "is not set; its default is declared in Pulumi.yaml")
	}
	return strings.TrimSpace(value), ok
}

func (r *reader) text(key string, shape *regexp.Regexp) string {
	value, ok := r.raw(key)
	if ok && !shape.MatchString(value) {
		r.problem(key, "is %q, which does not match %s", value, shape)
	}
	return value
}

func (r *reader) optional(key string, shape *regexp.Regexp) string {
	value, _ := r.raw(key)
	if value != "" && !shape.MatchString(value) {
		r.problem(key, "is %q, which does not match %s", value, shape)
	}
	return value
}

// token is what 32 random bytes are at least, in hexadecimal or base64.
var token = regexp.MustCompile(`^[A-Za-z0-9+/_=-]{43,512}$`)

// tokenDigest reads a secret token and keeps its SHA-256 alone. A problem does
// not show the value.
func (r *reader) tokenDigest(key string) string {
	value, _ := r.raw(key)
	if !token.MatchString(value) {
		r.problem(key, "must be a token of at least 32 random bytes; make one with: "+
			`pulumi config set --secret orchard:writeToken "$(openssl rand -hex 32)"`)
		return ""
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

func (r *reader) list(key string, shape *regexp.Regexp) []string {
	value, _ := r.raw(key)
	if value == "" {
		return nil
	}
	items := strings.Split(value, ",")
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
		if !shape.MatchString(items[i]) {
			r.problem(key, "has the item %q, which does not match %s", items[i], shape)
		}
	}
	return items
}

func (r *reader) oneOf(key string, choices ...string) string {
	value, ok := r.raw(key)
	if ok && !slices.Contains(choices, value) {
		r.problem(key, "is %q; it may be %s", value, strings.Join(choices, " or "))
	}
	return value
}

func (r *reader) integer(key string, least, most int) int {
	value, ok := r.raw(key)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		r.problem(key, "is %q; it must be a whole number from %d to %d", value, least, most)
	}
	return n
}

func (r *reader) boolean(key string) bool {
	value, ok := r.raw(key)
	if ok && value != "true" && value != "false" {
		r.problem(key, "is %q; it may be true or false", value)
	}
	return value == "true"
}

func (r *reader) cidr16(key string) string {
	value, ok := r.raw(key)
	if !ok {
		return ""
	}
	prefix, err := netip.ParsePrefix(value)
	if err != nil || !prefix.Addr().Is4() || prefix.Bits() != 16 || prefix.Masked() != prefix || !prefix.Addr().IsPrivate() {
		r.problem(key, "is %q; it must be a private IPv4 range of 16 bits such as 10.0.0.0/16", value)
	}
	return value
}

// refuseUnknown names the keys of our namespace that nothing has read.
func (r *reader) refuseUnknown(names []string) {
	for _, name := range slices.Sorted(slices.Values(names)) {
		if strings.HasPrefix(name, namespace) && !r.known[name] {
			r.problems = append(r.problems, name+" is not a known key; Pulumi.yaml lists them")
		}
	}
}
