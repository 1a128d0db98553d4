package supervisor

import (
	"fmt"
	"os"
	"path/filepath"
)

// Enable makes the links that WantedBy= asks for and returns one line for
// each new one, in systemctl's words.
func (m *Manager) Enable(name string) ([]string, error) {
	u, err := m.definition(name)
	if err != nil {
		return nil, err
	}
	if len(u.WantedBy) == 0 {
		return nil, fmt.Errorf("unit %s has no WantedBy= and cannot be enabled", name)
	}
	var lines []string
	for _, wanting := range u.WantedBy {
		link := filepath.Join(m.layout.Units(), wanting+".wants", name)
		if _, err := os.Lstat(link); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			return lines, fmt.Errorf("enable %s: %w", name, err)
		}
		file := filepath.Join(m.layout.Units(), name)
		if err := os.Symlink(file, link); err != nil {
			return lines, fmt.Errorf("enable %s: %w", name, err)
		}
		lines = append(lines, fmt.Sprintf("Created symlink %s → %s.", link, file))
	}
	return lines, nil
}

// Disable removes every such link.
func (m *Manager) Disable(name string) ([]string, error) {
	var lines []string
	for _, link := range m.links(name) {
		if err := os.Remove(link); err != nil {
			return lines, fmt.Errorf("disable %s: %w", name, err)
		}
		lines = append(lines, fmt.Sprintf("Removed %s.", link))
	}
	return lines, nil
}

func (m *Manager) links(name string) []string {
	var found []string
	folders, _ := filepath.Glob(filepath.Join(m.layout.Units(), "*.wants")) // the pattern is well formed
	for _, f := range folders {
		link := filepath.Join(f, name)
		if _, err := os.Lstat(link); err == nil {
			found = append(found, link)
		}
	}
	return found
}

// fileState is "enabled", "disabled", "static" (nothing to enable) or, with
// an error, not known.
func (m *Manager) fileState(name string) (string, error) {
	u, err := m.definition(name)
	switch {
	case err != nil:
		return "", err
	case len(m.links(name)) > 0:
		return "enabled", nil
	case len(u.WantedBy) == 0:
		return "static", nil
	}
	return "disabled", nil
}
