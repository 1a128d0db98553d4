package unit

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// seconds are the units of a time span, systemd.time(7).
var seconds = map[string]float64{
	"us": 1e-6, "usec": 1e-6, "ms": 1e-3, "msec": 1e-3,
	"": 1, "s": 1, "sec": 1, "second": 1, "seconds": 1,
	"m": 60, "min": 60, "minute": 60, "minutes": 60,
	"h": 3600, "hr": 3600, "hour": 3600, "hours": 3600,
	"d": 86400, "day": 86400, "days": 86400,
}

// span reads a time span such as "5", "100ms" or "1min 30s"; "infinity" is
// 0, which this package uses for "for ever".
func span(value string) (time.Duration, error) {
	if value == "infinity" {
		return 0, nil
	}
	var total float64
	rest := strings.TrimSpace(value)
	for rest != "" {
		digits := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if digits < 0 {
			digits = len(rest)
		}
		number, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a time span", value)
		}
		rest = strings.TrimLeft(rest[digits:], " ")
		letters := strings.IndexFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' })
		if letters < 0 {
			letters = len(rest)
		}
		scale, ok := seconds[rest[:letters]]
		if !ok {
			return 0, fmt.Errorf("%q has the unknown unit %q", value, rest[:letters])
		}
		total += number * scale
		rest = strings.TrimLeft(rest[letters:], " ")
	}
	if value == "" || total > math.MaxInt64/1e9 {
		return 0, fmt.Errorf("%q is not a time span", value)
	}
	return time.Duration(total * 1e9), nil
}

func boolean(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "yes", "true", "on", "1":
		return true, nil
	case "no", "false", "off", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", value)
}

func mode(value string) (fs.FileMode, error) {
	bits, err := strconv.ParseUint(value, 8, 12)
	if err != nil {
		return 0, fmt.Errorf("%q is not an octal file mode", value)
	}
	return fs.FileMode(bits), nil
}

func signal(value string) (syscall.Signal, error) {
	for s := syscall.Signal(1); s < 32; s++ {
		if name := signalName(s); name == value || "SIG"+value == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is not a signal", value)
}

func signalName(s syscall.Signal) string {
	return map[syscall.Signal]string{
		syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT",
		syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM", syscall.SIGUSR1: "SIGUSR1",
		syscall.SIGUSR2: "SIGUSR2", syscall.SIGWINCH: "SIGWINCH",
	}[s]
}

// command reads one command line. Of the prefixes only "-" is understood;
// the others change privileges or argv[0] and are refused.
func command(value string) (Command, error) {
	var c Command
	if rest, ok := strings.CutPrefix(value, "-"); ok {
		c.IgnoreFailure, value = true, rest
	}
	if strings.ContainsAny(value[:min(1, len(value))], "@:+!|") {
		return c, fmt.Errorf("prefix %q is not supported", value[:1])
	}
	var err error
	if c.Words, err = split(value); err != nil {
		return c, err
	}
	if len(c.Words) == 0 {
		return c, errors.New("is empty")
	}
	for _, word := range c.Words {
		if word == ";" {
			return c, errors.New(`";" between commands is not supported: use one line for each`)
		}
	}
	if !filepath.IsAbs(c.Words[0]) {
		return c, fmt.Errorf("%q is not an absolute path", c.Words[0])
	}
	return c, nil
}

func file(value string) (File, error) {
	path, optional := strings.CutPrefix(value, "-")
	if !filepath.IsAbs(path) {
		return File{}, fmt.Errorf("%q is not an absolute path", path)
	}
	return File{path, optional}, nil
}

// directories reads names below /run or /var/lib: relative, no "..".
func directories(value string) ([]string, error) {
	names, err := split(value)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !filepath.IsLocal(name) || strings.Contains(name, ":") {
			return nil, fmt.Errorf("%q is not a plain relative name", name)
		}
	}
	return names, nil
}
