package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Document is a parsed policy.
type Document struct {
	Name       string // for sentences: the policy's name
	statements []statement
}

type statement struct {
	Sid         string
	Effect      string
	Principal   principals
	Action      texts
	NotAction   texts
	Resource    texts
	NotResource texts
	Condition   map[string]map[string]texts // operator, key, values
}

// texts is a JSON text or a list of texts; numbers and booleans count as
// their text.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var many []json.RawMessage
	if json.Unmarshal(data, &many) != nil {
		many = []json.RawMessage{data}
	}
	*t = nil
	for _, item := range many {
		var value any
		if err := json.Unmarshal(item, &value); err != nil {
			return err
		}
		switch value.(type) {
		case string, bool, float64:
			*t = append(*t, fmt.Sprint(value))
		default:
			return fmt.Errorf("%s is not text", item)
		}
	}
	return nil
}

// principals are who a resource's policy speaks of: role ARNs, names of
// services, or "*".
type principals struct {
	given bool
	names []string
}

func (p *principals) UnmarshalJSON(data []byte) error {
	p.given = true
	var everyone string
	if json.Unmarshal(data, &everyone) == nil {
		p.names = []string{everyone}
		return nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(data, &kinds); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	// A service asks when it takes a role; federated users never ask here.
	p.names = slices.Concat(kinds["AWS"], kinds["Service"])
	return nil
}

// Parse reads a policy document. The error names everything that is wrong
// with it or not understood.
func Parse(name, document string) (Document, error) {
	var raw struct {
		Version   string
		Id        string
		Statement json.RawMessage
	}
	if err := strict([]byte(document), &raw); err != nil {
		return Document{}, fmt.Errorf("parse policy %s: %w", name, err)
	}
	d := Document{Name: name}
	if trimmed := bytes.TrimSpace(raw.Statement); len(trimmed) > 0 && trimmed[0] == '{' {
		raw.Statement = append(append([]byte{'['}, trimmed...), ']')
	}
	if err := strict(raw.Statement, &d.statements); err != nil {
		return Document{}, fmt.Errorf("parse policy %s: statement: %w", name, err)
	}
	var problems []error
	if raw.Version != "2012-10-17" && raw.Version != "2008-10-17" {
		problems = append(problems, fmt.Errorf("version %q is neither 2012-10-17 nor 2008-10-17", raw.Version))
	}
	for i, s := range d.statements {
		for _, problem := range s.problems() {
			problems = append(problems, fmt.Errorf("statement %d: %s", i+1, problem))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return Document{}, fmt.Errorf("parse policy %s: %w", name, err)
	}
	return d, nil
}

// strict refuses elements that are not known.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (s statement) problems() []string {
	var found []string
	if s.Effect != "Allow" && s.Effect != "Deny" {
		found = append(found, fmt.Sprintf("effect %q is neither Allow nor Deny", s.Effect))
	}
	if (len(s.Action) > 0) == (len(s.NotAction) > 0) {
		found = append(found, "exactly one of Action and NotAction is needed")
	}
	if len(s.Resource) > 0 && len(s.NotResource) > 0 || len(s.Resource)+len(s.NotResource) == 0 && !s.Principal.given {
		found = append(found, "exactly one of Resource and NotResource is needed")
	}
	for _, list := range []texts{s.Resource, s.NotResource} {
		for _, text := range list {
			if strings.Contains(text, "${") {
				found = append(found, fmt.Sprintf("policy variables are not supported: %q", text))
			}
		}
	}
	for operator := range s.Condition {
		if operators[operator] == nil {
			found = append(found, fmt.Sprintf("condition operator %s is not supported", operator))
		}
	}
	return found
}
