package apimodel

import (
	"fmt"
	"regexp"
)

var (
	surrogates = regexp.MustCompile(`\\uD800\\uDC00-\\uDBFF\\uDFFF`)
	codePoint  = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)
)

// compile makes a model's pattern, written for Java, one of Go that a whole
// text must match. Go has no look-ahead; such a pattern is an error.
func compile(pattern string) (*regexp.Regexp, error) {
	translated := surrogates.ReplaceAllString(pattern, `\x{10000}-\x{10FFFF}`)
	translated = codePoint.ReplaceAllString(translated, `\x{$1}`)
	compiled, err := regexp.Compile(`^(?:` + translated + `)$`)
	if err != nil {
		return nil, fmt.Errorf("compile pattern %s: %w", pattern, err)
	}
	return compiled, nil
}
