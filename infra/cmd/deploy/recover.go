package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// A marker lies beside the work folder while an operation runs. A run that
// finds one has followed a run that was killed.
func (f *folder) marker() string { return f.path + ".running" }

// during runs one operation of the engine under the marker, after clearing
// away what a killed run left. The marker stays when the operation was
// interrupted, for the engine may have been killed then, and when it was.
func (s *session) during(ctx context.Context, stack auto.Stack, operation func() error) error {
	if _, err := os.Stat(s.marker()); err == nil {
		if err := s.recover(ctx, stack); err != nil {
			return fmt.Errorf("recover stack %s from a run that was killed: %w", s.stack, err)
		}
	}
	if err := os.WriteFile(s.marker(), nil, 0o600); err != nil {
		return fmt.Errorf("write marker: %w", err)
	}
	err := operation()
	if ctx.Err() != nil || errors.Is(err, errEngineKilled) {
		return err
	}
	if removal := os.Remove(s.marker()); removal != nil && err == nil {
		return fmt.Errorf("remove marker: %w", removal)
	}
	return err
}

// recover takes away the lock of an engine that is no more, and forgets
// operations that nobody knows the end of. The next operation does
// them again. What a cloud had made in such a moment and not told is named,
// because it may be there without being known.
func (s *session) recover(ctx context.Context, stack auto.Stack) error {
	if err := stack.Cancel(ctx); err != nil {
		return plainError(err)
	}
	state, err := stack.Export(ctx)
	if err != nil {
		return plainError(err)
	}
	kept, pending, err := withoutPending(state.Deployment)
	if err != nil || len(pending) == 0 {
		return err
	}
	for _, operation := range pending {
		fmt.Fprintf(s.stderr, "deploy: a killed run was %s %s; doing that again\n", operation.Type, operation.Resource.URN)
	}
	state.Deployment = kept
	if err := stack.Import(ctx, state); err != nil {
		return plainError(err)
	}
	return nil
}

// withoutPending takes the pending operations out of a deployment and leaves
// every other field as it is.
func withoutPending(deployment json.RawMessage) (json.RawMessage, []apitype.OperationV2, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(deployment, &fields); err != nil {
		return nil, nil, fmt.Errorf("read state: %w", err)
	}
	var pending []apitype.OperationV2
	if text, ok := fields["pending_operations"]; ok {
		if err := json.Unmarshal(text, &pending); err != nil {
			return nil, nil, fmt.Errorf("read pending operations: %w", err)
		}
	}
	delete(fields, "pending_operations")
	kept, err := json.Marshal(fields)
	return kept, pending, err
}
