package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"orchard/infra/internal/program"
)

const projectName = "orchard"

// session is an open work folder and Pulumi's workspace in it.
type session struct {
	*options
	*folder
	ws auto.Workspace
	// keys are the names of all configuration, for the program.
	keys []string
	// service is the stack whose service a load runner asks, else empty.
	service string
}

func openSession(ctx context.Context, o *options) (*session, error) {
	if _, err := exec.LookPath("pulumi"); err != nil {
		return nil, errors.New("no pulumi on PATH; `make` builds one into bin/")
	}
	f, err := openFolder(o)
	if err != nil {
		return nil, err
	}
	// An engine that has lost its deploy may still be writing the state.
	if err := endOrphans(ctx, f.path); err != nil {
		f.Close()
		return nil, fmt.Errorf("end engines of a run that was killed: %w", err)
	}
	s := &session{options: o, folder: f}
	s.ws, err = auto.NewLocalWorkspace(ctx, auto.WorkDir(f.path), auto.Program(s.program))
	if err == nil {
		err = s.configure(ctx)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	return s, nil
}

func (s *session) program(ctx *pulumi.Context) error { return program.Run(ctx, s.keys) }

// configure writes the flags over the stack's file and notes all keys, the
// project's own too.
func (s *session) configure(ctx context.Context) error {
	settings, err := s.ws.StackSettings(ctx, s.stack)
	if err != nil {
		return err
	}
	declared, err := s.ws.ProjectSettings(ctx)
	if err != nil {
		return err
	}
	if settings.Config == nil {
		settings.Config = config.Map{}
	}
	if err := s.setRelease(settings.Config, declared); err != nil {
		return err
	}
	if key := config.MustMakeKey(projectName, "writeToken"); s.token != "" && !has(settings.Config, key) {
		settings.Config[key] = config.NewSecureValue(s.token)
	}
	for key, value := range s.set {
		settings.Config[config.MustMakeKey(projectName, key)] = config.NewValue(value)
	}
	if err := s.findService(settings.Config); err != nil {
		return err
	}
	s.keys = keyNames(settings, declared)
	return s.ws.SaveStackSettings(ctx, s.stack, settings)
}

// setRelease makes the binary's path absolute. The flag's is relative to
// where deploy was started, a configured one to the program's folder, which
// is where `pulumi up` would run it.
func (s *session) setRelease(configured config.Map, declared *workspace.Project) error {
	base, path := "", s.release
	if path == "" {
		base, path = filepath.Join(s.project, declared.Main), fmt.Sprint(declared.Config["release"].Default)
		if own, ok, err := configured.Get(config.MustMakeKey(projectName, "release"), false); err == nil && ok {
			if path, err = own.Value(config.NopDecrypter); err != nil {
				return fmt.Errorf("read orchard:release: %w", err)
			}
		}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("find release: %w", err)
	}
	s.set["release"] = absolute
	return nil
}

func has(m config.Map, key config.Key) bool {
	_, ok := m[key]
	return ok
}

func keyNames(settings *workspace.ProjectStack, declared *workspace.Project) []string {
	names := map[string]bool{}
	for key := range settings.Config {
		names[key.String()] = true
	}
	for key := range declared.Config {
		if k, err := config.ParseKey(key); err == nil {
			names[k.String()] = true
		} else {
			names[projectName+":"+key] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// upsert opens the stack and makes it when it is not there.
func (s *session) upsert(ctx context.Context) (stack auto.Stack, made bool, err error) {
	stack, found, err := s.find(ctx)
	if err != nil || found {
		return stack, false, err
	}
	stack, err = auto.NewStack(ctx, s.stack, s.ws)
	if err != nil {
		return stack, false, fmt.Errorf("create stack %s: %w", s.stack, plainError(err))
	}
	return stack, true, nil
}

// find opens the stack if it is there.
func (s *session) find(ctx context.Context) (stack auto.Stack, found bool, err error) {
	stack, err = auto.SelectStack(ctx, s.stack, s.ws)
	if err != nil && auto.IsSelectStack404Error(err) {
		return stack, false, nil
	}
	if err != nil {
		return stack, false, fmt.Errorf("open stack %s: %w", s.stack, plainError(err))
	}
	return stack, true, nil
}
