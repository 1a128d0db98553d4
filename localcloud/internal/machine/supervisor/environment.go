package supervisor

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"orchard/localcloud/internal/machine/unit"
)

// environment is what a service's processes see: the instance's own
// variables, the unit's, its files', and those that systemd sets.
func (l Layout) environment(s *unit.Service, invocation string, extra ...string) (map[string]string, error) {
	env := map[string]string{}
	put := func(entries ...string) {
		for _, entry := range entries {
			name, value, _ := strings.Cut(entry, "=")
			env[name] = value
		}
	}
	put(os.Environ()...)
	put(s.Environment...)
	for _, f := range s.EnvironmentFiles {
		entries, err := readEnvironment(f)
		if err != nil {
			return nil, err
		}
		put(entries...)
	}
	put(invocationVariable + "=" + invocation)
	if paths := below(l.Runtime(), s.RuntimeDirectory); len(paths) > 0 {
		put("RUNTIME_DIRECTORY=" + strings.Join(paths, ":"))
	}
	if paths := below(l.state(), s.StateDirectory); len(paths) > 0 {
		put("STATE_DIRECTORY=" + strings.Join(paths, ":"))
	}
	put(extra...)
	return env, nil
}

func (l Layout) state() string { return filepath.Join(l.Root(), "var/lib") }

func below(folder string, names []string) []string {
	paths := make([]string, 0, len(names))
	for _, name := range names {
		paths = append(paths, filepath.Join(folder, name))
	}
	return paths
}

// directories makes RuntimeDirectory= and StateDirectory=.
func (l Layout) directories(s *unit.Service) error {
	for _, path := range below(l.Runtime(), s.RuntimeDirectory) {
		if err := folder(path, s.RuntimeMode); err != nil {
			return err
		}
	}
	for _, path := range below(l.state(), s.StateDirectory) {
		if err := folder(path, s.StateMode); err != nil {
			return err
		}
	}
	return nil
}

// folder makes a folder with exactly this mode, whatever the umask.
func folder(path string, mode os.FileMode) error {
	if err := os.MkdirAll(path, mode); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.Chmod(path, mode); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	return nil
}

// removeRuntime removes RuntimeDirectory= when the service has ended.
func (l Layout) removeRuntime(s *unit.Service) {
	for _, path := range below(l.Runtime(), s.RuntimeDirectory) {
		_ = os.RemoveAll(path) // the next start makes it anew, or says why it cannot
	}
}

// readEnvironment reads an EnvironmentFile=: NAME=value lines, comments by
// "#" or ";", the value in quotes or not, no variables.
func readEnvironment(f unit.File) ([]string, error) {
	file, err := os.Open(f.Path)
	if os.IsNotExist(err) && f.Optional {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read environment file: %w", err)
	}
	defer file.Close()
	var entries []string
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("read environment file %s: line %d is not NAME=value", f.Path, n)
		}
		entries = append(entries, strings.TrimSpace(name)+"="+unquote(strings.TrimSpace(value)))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read environment file %s: %w", f.Path, err)
	}
	return entries, nil
}

func unquote(value string) string {
	if n := len(value); n >= 2 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		return value[1 : n-1]
	}
	return value
}

// list turns an environment into the form of execve, sorted.
func list(env map[string]string) []string {
	entries := make([]string, 0, len(env))
	for name, value := range env {
		entries = append(entries, name+"="+value)
	}
	slices.Sort(entries)
	return entries
}

// newInvocation makes an INVOCATION_ID: 128 random bits in hex.
func newInvocation() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(id[:])
}
