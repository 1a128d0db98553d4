package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// checkConfig has PostgreSQL itself judge a configuration, and reports every
// setting that it refuses. It is asked again without those: PostgreSQL looks
// at values only when it knows all names.
func checkConfig(ctx context.Context, install Install, account Account, data, config string) error {
	candidate := filepath.Join(data, "candidate.conf")
	defer os.Remove(candidate)
	var problems []error
	for {
		if err := account.write(candidate, config); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
		out, err := judge(ctx, install, account, data, candidate)
		if err == nil {
			return errors.Join(problems...)
		}
		refused := complaints(out, candidate)
		rest := without(config, refused)
		if rest == config {
			return errors.Join(append(problems, fmt.Errorf("check settings: %w: %s", err, strings.TrimSpace(out)))...)
		}
		for _, name := range sortedKeys(refused) {
			problems = append(problems, fmt.Errorf("setting %q: PostgreSQL %s says: %s", name, install.Version, refused[name]))
		}
		config = rest
	}
}

// judge has the server read a configuration and end.
func judge(ctx context.Context, install Install, account Account, data, candidate string) (string, error) {
	cmd := exec.CommandContext(ctx, install.program("postgres"), "-D", data, "-c", "config_file="+candidate, "-C", "max_connections")
	cmd.SysProcAttr = account.attributes(false)
	cmd.Dir, cmd.Env = data, environment
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var complaint = regexp.MustCompile(`LOG:  (.*parameter "([^"]+)".*)`)

// complaints are the sentences about settings, by the setting's name.
func complaints(out, candidate string) map[string]string {
	found := map[string]string{}
	for _, match := range complaint.FindAllStringSubmatch(out, -1) {
		sentence, _, _ := strings.Cut(match[1], fmt.Sprintf(" in file %q", candidate))
		found[match[2]] = sentence
	}
	return found
}

// without is the configuration without some settings.
func without(config string, names map[string]string) string {
	var rest strings.Builder
	for line := range strings.Lines(config) {
		name, _, _ := strings.Cut(line, " = ")
		if _, ok := names[name]; !ok {
			rest.WriteString(line)
		}
	}
	return rest.String()
}
