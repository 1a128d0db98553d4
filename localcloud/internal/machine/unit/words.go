package unit

import (
	"errors"
	"fmt"
	"strings"
)

// split cuts a value into words at white space, with the quoting of
// systemd.syntax(7): a word, or a part after "=", in single or double
// quotes, and backslash escapes.
func split(value string) ([]string, error) {
	var (
		words  []string
		word   strings.Builder
		inWord bool
		quote  byte
	)
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\':
			i++
			if i == len(value) {
				return nil, errors.New("ends in a lone backslash")
			}
			char, ok := escapes[value[i]]
			if !ok {
				return nil, fmt.Errorf(`escape \%c is not supported`, value[i])
			}
			word.WriteByte(char)
			inWord = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, inWord = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("quote %c is not closed", quote)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

var escapes = map[byte]byte{'\\': '\\', '"': '"', '\'': '\'', 'n': '\n', 't': '\t', 's': ' '}

// specifiers replaces %n (the unit), %N (without suffix), %p (up to "@"),
// %i (after "@") and %%; all others are refused.
func specifiers(unit, value string) (string, error) {
	stem, _, _ := strings.Cut(unit, ".")
	if dot := strings.LastIndex(unit, "."); dot >= 0 {
		stem = unit[:dot]
	}
	prefix, instance, _ := strings.Cut(stem, "@")
	values := map[byte]string{'n': unit, 'N': stem, 'p': prefix, 'i': instance, '%': "%"}
	var out strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			out.WriteByte(value[i])
			continue
		}
		i++
		if i == len(value) {
			return "", errors.New("ends in a lone % (write %% for a percent sign)")
		}
		text, ok := values[value[i]]
		if !ok {
			return "", fmt.Errorf("specifier %%%c is not supported (write %%%% for a percent sign)", value[i])
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// Expand replaces the variables of a command line as systemd.service(5)
// says: ${NAME} within a word, $NAME as a whole word (then split at white
// space), $$ for a dollar sign. An unset variable is empty.
func (c Command) Expand(env map[string]string) []string {
	var out []string
	for i, word := range c.Words {
		name, whole := strings.CutPrefix(word, "$")
		if whole && i > 0 && identifier(name) {
			out = append(out, strings.Fields(env[name])...)
			continue
		}
		out = append(out, braces(word, env))
	}
	return out
}

func braces(word string, env map[string]string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(word, "$")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		word = rest
		if strings.HasPrefix(rest, "$") {
			out.WriteByte('$')
			word = rest[1:]
			continue
		}
		name, after, closed := strings.Cut(strings.TrimPrefix(rest, "{"), "}")
		if strings.HasPrefix(rest, "{") && closed && identifier(name) {
			out.WriteString(env[name])
			word = after
			continue
		}
		out.WriteByte('$')
	}
}

func identifier(name string) bool {
	for i, c := range name {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
