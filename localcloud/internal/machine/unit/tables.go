package unit

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// to makes a setter from a parser and the place of its value.
func to[T any](target *T, parse func(string) (T, error)) func(string) error {
	return func(value string) (err error) {
		*target, err = parse(value)
		return err
	}
}

// appendTo is to for a directive that may be repeated; an empty value
// clears what was given before.
func appendTo[T any](target *[]T, parse func(string) ([]T, error)) func(string) error {
	return func(value string) error {
		if value == "" {
			*target = nil
			return nil
		}
		values, err := parse(value)
		*target = append(*target, values...)
		return err
	}
}

// one lifts a parser of a single value to a list.
func one[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(value string) ([]T, error) {
		v, err := parse(value)
		return []T{v}, err
	}
}

func ignored(string) error { return nil }

func text(value string) (string, error) { return value, nil }

// oneOf accepts the given words only.
func oneOf(allowed ...string) func(string) (string, error) {
	return func(value string) (string, error) {
		if slices.Contains(allowed, value) {
			return value, nil
		}
		return "", fmt.Errorf("%q is not supported (supported: %s)", value, strings.Join(allowed, ", "))
	}
}

func (u *Unit) unitTable() map[string]func(string) error {
	return map[string]func(string) error{
		"Description":           to(&u.Description, text),
		"Documentation":         ignored,
		"Requires":              appendTo(&u.Requires, split),
		"Wants":                 appendTo(&u.Wants, split),
		"BindsTo":               appendTo(&u.BindsTo, split),
		"After":                 appendTo(&u.After, split),
		"Before":                appendTo(&u.Before, split),
		"ConditionPathExists":   appendTo(&u.Conditions, one(condition)),
		"StartLimitIntervalSec": to(&u.StartLimitInterval, span),
		"StartLimitBurst":       to(&u.StartLimitBurst, strconv.Atoi),
	}
}

func (u *Unit) installTable() map[string]func(string) error {
	return map[string]func(string) error{"WantedBy": appendTo(&u.WantedBy, split)}
}

func (s *Service) table() map[string]func(string) error {
	return map[string]func(string) error{
		"Type":                 to(&s.Type, oneOf("simple", "exec", "oneshot", "notify")),
		"RemainAfterExit":      to(&s.RemainAfterExit, boolean),
		"ExecStart":            appendTo(&s.Start, one(command)),
		"ExecStartPre":         appendTo(&s.StartPre, one(command)),
		"ExecStartPost":        appendTo(&s.StartPost, one(command)),
		"ExecStop":             appendTo(&s.Stop, one(command)),
		"ExecReload":           appendTo(&s.Reload, one(command)),
		"Environment":          appendTo(&s.Environment, assignments),
		"EnvironmentFile":      appendTo(&s.EnvironmentFiles, one(file)),
		"WorkingDirectory":     to(&s.WorkingDirectory, file),
		"Restart":              to(&s.Restart, oneOf("no", "always", "on-failure", "on-success", "on-abnormal", "on-abort")),
		"RestartSec":           to(&s.RestartDelay, span),
		"TimeoutStartSec":      to(&s.TimeoutStart, span),
		"TimeoutStopSec":       to(&s.TimeoutStop, span),
		"KillMode":             to(&s.KillMode, oneOf("control-group", "mixed", "process", "none")),
		"KillSignal":           to(&s.KillSignal, signal),
		"RuntimeDirectory":     appendTo(&s.RuntimeDirectory, directories),
		"RuntimeDirectoryMode": to(&s.RuntimeMode, mode),
		"StateDirectory":       appendTo(&s.StateDirectory, directories),
		"StateDirectoryMode":   to(&s.StateMode, mode),
		"StandardOutput":       checked(oneOf("journal", "journal+console", "inherit")),
		"StandardError":        checked(oneOf("journal", "journal+console", "inherit")),
		"StandardInput":        checked(oneOf("null")),
		"Sockets":              appendTo(&s.Sockets, split),
	}
}

func (s *Socket) table() map[string]func(string) error {
	return map[string]func(string) error{
		"ListenStream":       appendTo(&s.Listen, one(listen)),
		"FileDescriptorName": to(&s.Name, text),
		"Service":            to(&s.Service, text),
		"Accept": func(value string) error {
			if accept, err := boolean(value); err != nil || accept {
				return fmt.Errorf("%q is not supported: only Accept=no", value)
			}
			return nil
		},
	}
}

// checked verifies a value that changes nothing.
func checked(parse func(string) (string, error)) func(string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}

func condition(value string) (Condition, error) {
	path, not := strings.CutPrefix(value, "!")
	if !filepath.IsAbs(path) {
		return Condition{}, fmt.Errorf("%q is not an absolute path", path)
	}
	return Condition{path, not}, nil
}

func assignments(value string) ([]string, error) {
	entries, err := split(value)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if name, _, ok := strings.Cut(entry, "="); !ok || !identifier(name) {
			return nil, fmt.Errorf("%q is not NAME=value", entry)
		}
	}
	return entries, nil
}

// listen checks the form of a ListenStream value; what an address means is
// the service manager's to say.
func listen(value string) (string, error) {
	if filepath.IsAbs(value) {
		return value, nil
	}
	port := value[strings.LastIndex(value, ":")+1:]
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("%q is neither a port, an address with a port, nor a path", value)
	}
	return value, nil
}
