package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/spf13/cobra"

	"orchard/infra/internal/outputs"
)

// up creates or updates the stack. A first creation that fails is taken back,
// because nobody depends on it yet; an update that fails is left for the next
// one, because somebody does.
func up(command *cobra.Command, o *options) error {
	ctx, began := command.Context(), time.Now()
	s, err := openSession(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	stack, made, err := s.upsert(ctx)
	if err != nil {
		return err
	}
	if err := s.ensureToken(ctx, stack); err != nil {
		return s.afterFailure(ctx, stack, made, err)
	}
	values, err := s.update(ctx, stack)
	if err != nil {
		return s.afterFailure(ctx, stack, made, err)
	}
	result, err := readOutputs(values)
	if err != nil {
		return err
	}
	printTable(o.stdout, result)
	done := "is up"
	if o.answer && result.LoadBalancer.DNSName != "" {
		if err := awaitAnswer(ctx, result.URL, result.LoadBalancer.DNSName); err != nil {
			return err
		}
		done = "answers"
	}
	fmt.Fprintf(o.stdout, "\nstack %s %s after %.1f s\nurl: %s\n", o.stack, done, time.Since(began).Seconds(), result.URL)
	return nil
}

func (s *session) update(ctx context.Context, stack auto.Stack) (auto.OutputMap, error) {
	var result auto.UpResult
	err := s.during(ctx, stack, func() (err error) {
		w := newWatcher()
		result, err = stack.Up(ctx,
			optup.ProgressStreams(s.stdout), optup.ErrorProgressStreams(s.stderr),
			optup.EventStreams(w.events), optup.Color(s.color), optup.SuppressOutputs())
		return w.explain(ctx, "up", s.stack, err)
	})
	return result.Outputs, err
}

func (s *session) afterFailure(ctx context.Context, stack auto.Stack, made bool, failure error) error {
	switch {
	case errors.Is(failure, errInterrupted):
		return fmt.Errorf("%w; run up again to go on, or down to remove what is there", failure)
	case !made:
		return fmt.Errorf("%w; the stack is left as it is: mend it and run up again", failure)
	case s.keep:
		return fmt.Errorf("%w; what was made is kept", failure)
	}
	fmt.Fprintf(s.stderr, "deploy: %v\ndeploy: rolling back what was made\n", failure)
	if err := s.destroy(ctx, stack); err != nil {
		return fmt.Errorf("%w; and rolling back failed too: %w", failure, err)
	}
	return fmt.Errorf("%w; rolled back, nothing is left", failure)
}

// destroy removes the resources, then the stack, then the copy.
func (s *session) destroy(ctx context.Context, stack auto.Stack) error {
	err := s.during(ctx, stack, func() error {
		w := newWatcher()
		_, err := stack.Destroy(ctx,
			optdestroy.ProgressStreams(s.stdout), optdestroy.ErrorProgressStreams(s.stderr),
			optdestroy.EventStreams(w.events), optdestroy.Color(s.color))
		return w.explain(ctx, "down", s.stack, err)
	})
	if err != nil {
		return err
	}
	if err := s.ws.RemoveStack(ctx, s.stack); err != nil {
		return fmt.Errorf("remove stack %s: %w", s.stack, plainError(err))
	}
	return s.remove()
}

// readOutputs checks the contract. None of the outputs may be secret.
func readOutputs(values auto.OutputMap) (outputs.Stack, error) {
	plain := make(map[string]any, len(values))
	for name, value := range values {
		if value.Secret {
			return outputs.Stack{}, fmt.Errorf("output %s is secret, and no output may be", name)
		}
		plain[name] = value.Value
	}
	return outputs.Decode(plain)
}
