// Package loadplan puts together the plan that the nodes of a load runner
// follow: what is configured, and the service as its target.
//
// What a plan may say is the load runner's to judge, on the node. Here a plan
// is a mapping in YAML without a target, because the target is not known
// before the service's stack has been read.
package loadplan

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"orchard/infra/internal/settings"
)

// Plan is a plan without a target.
type Plan struct{ fields map[string]any }

// connectionLife is how long a connection of a node is used. A load balancer
// that passes connections on leads all requests of one to the same instance,
// so that a new instance would get none.
const connectionLife = 10 * time.Second

// Of is the plan of a runner: its file, or its rate over its length.
func Of(r settings.Runner) (Plan, error) {
	if r.Plan != "" {
		return read(r.Plan)
	}
	return Plan{map[string]any{
		"phases":          []any{map[string]any{"shape": "constant", "rate": r.Rate, "for": r.Length.String()}},
		"connection-life": connectionLife.String(),
	}}, nil
}

func read(path string) (Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Plan{}, fmt.Errorf("read orchard:plan: %w", err)
	}
	var p Plan
	if err := yaml.Unmarshal(text, &p.fields); err != nil {
		return Plan{}, fmt.Errorf("read orchard:plan %s: %w", path, err)
	}
	if len(p.fields) == 0 {
		return Plan{}, fmt.Errorf("read orchard:plan %s: it is empty", path)
	}
	if _, ok := p.fields["target"]; ok {
		return Plan{}, fmt.Errorf("read orchard:plan %s: it has a target; take it out, because the target is the url of orchard:serviceStack", path)
	}
	return p, nil
}

// For is the text of the plan with a target.
func (p Plan) For(target string) (string, error) {
	whole := map[string]any{"target": map[string]any{"url": target}}
	for key, value := range p.fields {
		whole[key] = value
	}
	text, err := yaml.Marshal(whole)
	if err != nil {
		return "", fmt.Errorf("write plan: %w", err)
	}
	return string(text), nil
}

// Port is where a service listens, by its url: 1 to 65535.
func Port(service string) (int, error) {
	u, err := url.Parse(service)
	if err != nil || u.Hostname() == "" {
		return 0, noService(service)
	}
	if u.Port() != "" {
		return strconv.Atoi(u.Port())
	}
	switch u.Scheme {
	case "http":
		return 80, nil
	case "https":
		return 443, nil
	}
	return 0, noService(service)
}

func noService(service string) error {
	if service == "" {
		return errors.New("the stack that orchard:serviceStack names has no url; it must be a service's")
	}
	return fmt.Errorf("the stack that orchard:serviceStack names has the url %q, which is none of a service", service)
}
