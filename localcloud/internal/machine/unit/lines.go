package unit

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is one thing that is wrong in a unit file.
type Problem struct {
	Unit      string
	Line      int // from 1; 0 when the file as a whole is meant
	Directive string
	Reason    string
}

func (p *Problem) Error() string {
	where := p.Unit
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.Unit, p.Line)
	}
	if p.Directive == "" {
		return where + ": " + p.Reason
	}
	return fmt.Sprintf("%s: %s: %s", where, p.Directive, p.Reason)
}

// setting is one "key=value" with its place.
type setting struct {
	line                int
	section, key, value string
}

// readLines splits a unit file into settings: comments and blank lines
// away, continued lines joined by a space (systemd.syntax(7)).
func readLines(name, text string) ([]setting, error) {
	var (
		settings []setting
		problems []error
		section  string
	)
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		at, line := i+1, strings.TrimSpace(lines[i])
		if line == "" || comment(line) {
			continue
		}
		line, i = continued(lines, i)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line[1 : len(line)-1]
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		switch {
		case !ok:
			problems = append(problems, &Problem{Unit: name, Line: at, Reason: fmt.Sprintf("%q is neither a section nor key=value", line)})
		case section == "":
			problems = append(problems, &Problem{Unit: name, Line: at, Directive: strings.TrimSpace(key), Reason: "stands before the first section"})
		default:
			settings = append(settings, setting{at, section, strings.TrimSpace(key), strings.TrimSpace(value)})
		}
	}
	return settings, errors.Join(problems...)
}

// continued returns the logical line that starts at lines[i] and the index
// of its last physical line. Comments between continued lines are dropped.
func continued(lines []string, i int) (string, int) {
	line := strings.TrimSpace(lines[i])
	for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
		i++
		next := strings.TrimSpace(lines[i])
		if comment(next) {
			continue
		}
		line = strings.TrimSpace(strings.TrimSuffix(line, `\`)) + " " + next
	}
	return line, i
}

func comment(line string) bool {
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";")
}
