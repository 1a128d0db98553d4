package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optremove"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"orchard/infra/internal/planned"
)

// savePlan has the engine plan a stack that is not there before nor after.
func (o *options) savePlan(ctx context.Context, path string) (saved []byte, err error) {
	s, err := openSession(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	stack, made, err := s.upsert(ctx)
	if err != nil {
		return nil, err
	}
	if !made {
		return nil, fmt.Errorf("stack %s is up in this backend, and a plan starts from nothing; `make preview` has a backend of its own", o.stack)
	}
	defer func() { err = errors.Join(err, s.ws.RemoveStack(ctx, o.stack)) }()
	if s.service != "" {
		if err := s.pretend(ctx, s.service); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.ws.RemoveStack(ctx, s.service, optremove.Force())) }()
	}
	if err := stack.SetConfig(ctx, tokenKey, auto.ConfigValue{Value: planned.WriteToken, Secret: true}); err != nil {
		return nil, fmt.Errorf("set write token of stack %s: %w", o.stack, plainError(err))
	}
	return previewTo(ctx, stack, path)
}

// previewTo previews a stack and reads the plan that the engine then saves.
func previewTo(ctx context.Context, stack auto.Stack, path string) ([]byte, error) {
	w := newWatcher()
	_, err := stack.Preview(ctx, optpreview.Plan(path), optpreview.EventStreams(w.events), optpreview.SuppressProgress())
	if err := w.explain(ctx, "preview", stack.Name(), err); err != nil {
		return nil, err
	}
	saved, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read plan of stack %s: %w", stack.Name(), err)
	}
	return saved, nil
}

// pretend makes the stack of a service that has nothing but its planned
// outputs, because a load runner's plan reads them.
func (s *session) pretend(ctx context.Context, service string) error {
	stack, err := planned.Read(s.project, service, nil)
	if err != nil {
		return err
	}
	state, err := json.Marshal(apitype.DeploymentV3{Resources: []apitype.ResourceV3{{
		URN:     urn.New(tokens.QName(service), projectName, "", "pulumi:pulumi:Stack", projectName+"-"+service),
		Type:    "pulumi:pulumi:Stack",
		Outputs: stack.Outputs,
	}}})
	if err != nil {
		return fmt.Errorf("write state of stack %s: %w", service, err)
	}
	if err := s.ws.CreateStack(ctx, service); err != nil {
		return fmt.Errorf("create stack %s: %w", service, plainError(err))
	}
	if err := s.ws.ImportStack(ctx, service, apitype.UntypedDeployment{Version: 3, Deployment: state}); err != nil {
		return fmt.Errorf("import state of stack %s: %w", service, plainError(err))
	}
	return nil
}
