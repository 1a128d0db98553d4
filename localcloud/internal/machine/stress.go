package machine

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"orchard/localcloud/internal/machine/supervisor"
)

// faultLimit bounds how long init may take to answer its operator.
const faultLimit = 10 * time.Second

// Stress makes processes of the instance keep cores of its processor busy, in
// place of an earlier stress: 0.5 is half of one core. It may not be more than
// the machine has, nor last longer than an hour. The load ends by itself then,
// whether anybody is left to end it or not. It is as any process of the
// instance: it counts in Usages, and Kill and Hang reach it. The processor is
// the machine's, so the neighbours feel it too.
func (h *Handle) Stress(cores float64, lasting time.Duration) error {
	return h.ask(supervisor.Request{Verb: supervisor.StressVerb, Cores: cores, For: lasting})
}

// Unstress ends a stress, if there is one.
func (h *Handle) Unstress() error {
	return h.ask(supervisor.Request{Verb: supervisor.UnstressVerb})
}

// ask has init carry out a request of its operator.
func (h *Handle) ask(r supervisor.Request) error {
	if err := h.stillThere(); err != nil {
		return fmt.Errorf("%s instance %s: %w", r.Verb, h.Record.ID, err)
	}
	if h.Hung() {
		return fmt.Errorf("%s instance %s: it hangs: let it go on first", r.Verb, h.Record.ID)
	}
	answer, err := supervisor.CallWithin(faultLimit, supervisor.Layout{RunDir: h.Record.RunDir}.Control(), r)
	if err == nil && answer.Code != 0 {
		err = errors.New(strings.TrimSpace(answer.Stderr))
	}
	if err != nil {
		return fmt.Errorf("%s instance %s: %w", r.Verb, h.Record.ID, err)
	}
	return nil
}
