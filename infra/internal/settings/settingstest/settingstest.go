// Package settingstest gives tests the settings that the engine would give
// the program: the defaults of the project's own Pulumi.yaml.
package settingstest

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"orchard/infra/internal/settings"
)

// Config is configuration as the program sees it, by full key.
type Config map[string]string

// Defaults reads the defaults from Pulumi.yaml above the test's folder.
func Defaults(t testing.TB) Config {
	t.Helper()
	project, err := workspace.LoadProject(find(t, "Pulumi.yaml"))
	if err != nil {
		t.Fatalf("load project: %v", err)
	}
	config := Config{}
	for key, declared := range project.Config {
		if !strings.Contains(key, ":") {
			config["orchard:"+key] = fmt.Sprint(declared.Default)
		}
	}
	config["orchard:writeToken"] = WriteToken
	return config
}

// WriteToken is a token that a test's stack has, which has no default.
const WriteToken = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// find gives the path of a file of the checkout.
func find(t testing.TB, name string) string {
	t.Helper()
	folder, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if matches, _ := filepath.Glob(filepath.Join(folder, name)); len(matches) == 1 {
			return matches[0]
		}
		folder = filepath.Dir(folder)
	}
	t.Fatalf("no %s above the test's folder", name)
	return ""
}

// With is a copy with some keys, named without the namespace, set otherwise.
func (c Config) With(changes map[string]string) Config {
	changed := maps.Clone(c)
	for key, value := range changes {
		changed["orchard:"+key] = value
	}
	return changed
}

// Get is a settings.Lookup.
func (c Config) Get(key string) (string, bool) {
	value, ok := c[key]
	return value, ok
}

// Names are all keys.
func (c Config) Names() []string { return slices.Collect(maps.Keys(c)) }

// Parse gives the settings of a stack with the defaults and some changes.
func Parse(t testing.TB, stack string, changes map[string]string) settings.Settings {
	t.Helper()
	config := Defaults(t).With(changes)
	s, err := settings.Parse(stack, config.Get, config.Names())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
