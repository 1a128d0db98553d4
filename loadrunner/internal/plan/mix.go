package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"orchard/loadrunner/internal/mix"
)

func (f File) requests(p *Plan) error {
	switch {
	case f.Get != "" && f.Mix != nil:
		return errors.New("give a mix, or a path to get")
	case f.Get != "" && !strings.HasPrefix(f.Get, "/"):
		return fmt.Errorf("get: a path begins with /, not %q", f.Get)
	case f.Mix != nil:
		p.Mix = mix.Weights(*f.Mix)
		if err := p.Mix.Check(); err != nil {
			return fmt.Errorf("mix: %w", err)
		}
	}
	return nil
}

// ParseMix reads weights such as list=40,create=10; those not named are 0.
func ParseMix(text string) (*Mix, error) {
	var m Mix
	weights := map[string]*int{"list": &m.List, "detail": &m.Detail, "create": &m.Create, "update": &m.Update}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		weight, ok := weights[name]
		n, err := strconv.Atoi(value)
		if !ok || err != nil {
			return nil, fmt.Errorf("mix: write list=40,detail=40,create=10,update=10, not %q", part)
		}
		*weight = n
	}
	return &m, nil
}
