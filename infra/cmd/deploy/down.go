package main

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/spf13/cobra"
)

func down(command *cobra.Command, o *options) error {
	ctx := command.Context()
	s, err := openSession(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	stack, found, err := s.find(ctx)
	if err != nil {
		return err
	}
	if !found {
		fmt.Fprintf(o.stdout, "stack %s is not there: nothing to take down\n", o.stack)
		return s.remove()
	}
	if err := s.destroy(ctx, stack); err != nil {
		return err
	}
	fmt.Fprintf(o.stdout, "stack %s is down\n", o.stack)
	return nil
}

func previewUp(command *cobra.Command, o *options) error {
	ctx := command.Context()
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
		return err
	}
	w := newWatcher()
	_, err = stack.Preview(ctx,
		optpreview.ProgressStreams(o.stdout), optpreview.ErrorProgressStreams(o.stderr),
		optpreview.EventStreams(w.events), optpreview.Color(o.color))
	err = w.explain(ctx, "preview", o.stack, err)
	if made {
		// A preview leaves nothing: the next up must see a first creation.
		if removal := s.ws.RemoveStack(ctx, o.stack); removal != nil && err == nil {
			err = fmt.Errorf("remove stack %s: %w", o.stack, plainError(removal))
		}
	}
	return err
}

func refresh(command *cobra.Command, o *options) error {
	ctx := command.Context()
	s, stack, err := openExisting(command, o)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.during(ctx, stack, func() error {
		w := newWatcher()
		_, err := stack.Refresh(ctx,
			optrefresh.ProgressStreams(o.stdout), optrefresh.ErrorProgressStreams(o.stderr),
			optrefresh.EventStreams(w.events), optrefresh.Color(o.color))
		return w.explain(ctx, "refresh", o.stack, err)
	})
}

// printOutputs writes one JSON object to stdout and nothing else.
func printOutputs(command *cobra.Command, o *options) error {
	s, stack, err := openExisting(command, o)
	if err != nil {
		return err
	}
	defer s.Close()
	values, err := stack.Outputs(command.Context())
	if err != nil {
		return fmt.Errorf("read outputs of stack %s: %w", o.stack, plainError(err))
	}
	if len(values) == 0 {
		return fmt.Errorf("stack %s has no outputs yet; take it up first", o.stack)
	}
	result, err := readOutputs(values)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(o.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

func openExisting(command *cobra.Command, o *options) (*session, auto.Stack, error) {
	s, err := openSession(command.Context(), o)
	if err != nil {
		return nil, auto.Stack{}, err
	}
	stack, found, err := s.find(command.Context())
	if err == nil && !found {
		err = fmt.Errorf("stack %s is not there; take it up first", o.stack)
	}
	if err != nil {
		s.Close()
		return nil, auto.Stack{}, err
	}
	return s, stack, nil
}
