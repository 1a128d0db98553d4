package image

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"orchard/localcloud/internal/machine/supervisor"
)

func systemctl(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	request, err := parseSystemctl(args)
	if err != nil {
		fmt.Fprintln(stderr, "systemctl: "+err.Error())
		return 1
	}
	answer, err := supervisor.Call(getenv(supervisor.ControlVariable), request)
	if err != nil {
		fmt.Fprintln(stderr, "systemctl: "+err.Error())
		return 1
	}
	io.WriteString(stdout, answer.Stdout)
	io.WriteString(stderr, answer.Stderr)
	return answer.Code
}

// parseSystemctl reads the command line of systemctl(1), options anywhere.
func parseSystemctl(args []string) (supervisor.Request, error) {
	var r supervisor.Request
	var words []string
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		switch {
		case args[i] == "--now":
			r.Now = true
		case args[i] == "--quiet" || args[i] == "-q":
			r.Quiet = true
		case args[i] == "--no-block":
			r.NoBlock = true
		case args[i] == "--value":
			r.Value = true
		case args[i] == "--no-pager" || args[i] == "--system" || args[i] == "--full" || args[i] == "-l":
		case name == "--property" || name == "-p":
			if !hasValue {
				if i++; i == len(args) {
					return r, fmt.Errorf("option %s needs a value", name)
				}
				value = args[i]
			}
			r.Properties = append(r.Properties, strings.Split(value, ",")...)
		case strings.HasPrefix(args[i], "-"):
			return r, fmt.Errorf("option %s is not supported", args[i])
		default:
			words = append(words, args[i])
		}
	}
	if len(words) == 0 {
		return r, errors.New("no command given")
	}
	r.Verb = words[0]
	for _, word := range words[1:] {
		r.Units = append(r.Units, unitName(word))
	}
	return r, checkSystemctl(r)
}

func checkSystemctl(r supervisor.Request) error {
	switch {
	case !slices.Contains(supervisor.KnownVerbs(), r.Verb):
		return fmt.Errorf("command %s is not supported (supported: %s)", r.Verb, strings.Join(supervisor.KnownVerbs(), ", "))
	case r.Verb == "daemon-reload" && len(r.Units) > 0:
		return errors.New("too many arguments")
	case r.Verb != "daemon-reload" && len(r.Units) == 0:
		return fmt.Errorf("%s needs the name of a unit", r.Verb)
	case r.Now && r.Verb != "enable" && r.Verb != "disable":
		return fmt.Errorf("option --now is not supported with %s", r.Verb)
	}
	return nil
}

// unitName adds ".service" to a name without a suffix.
func unitName(word string) string {
	if filepath.Ext(word) == "" {
		return word + ".service"
	}
	return word
}
