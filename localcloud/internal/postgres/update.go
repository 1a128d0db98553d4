package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
)

// Update changes settings and adds or removes the standby, and returns when
// that is done: a new standby is in sync then. Settings that need a restart
// wait for one, as Status says. When it fails after the spec was accepted,
// Run goes on trying.
func (p *Pair) Update(ctx context.Context, spec Spec) error {
	p.op.Lock()
	defer p.op.Unlock()
	if p.deleted {
		return fmt.Errorf("update database: %w", ErrDeleted)
	}
	state := p.State()
	if folder, err := filepath.EvalSymlinks(spec.Folder); err == nil {
		spec.Folder = folder
	}
	if err := errors.Join(spec.check(), unchangeable(state.Spec, spec)); err != nil {
		return fmt.Errorf("update database: %w", err)
	}
	if !reflect.DeepEqual(state.Spec, spec) {
		if err := p.configure(ctx, state, spec); err != nil {
			return fmt.Errorf("update database: %w", err)
		}
	}
	if err := p.settle(ctx); err != nil {
		return fmt.Errorf("update database: %w", err)
	}
	return nil
}

// unchangeable names what a running database cannot change.
func unchangeable(old, wanted Spec) error {
	var problems []error
	for name, same := range map[string]bool{
		"folder":      old.Folder == wanted.Folder,
		"database":    old.Database == wanted.Database,
		"master role": old.MasterRole == wanted.MasterRole,
		"superuser":   old.Superuser == wanted.Superuser,
		"groups":      reflect.DeepEqual(old.Groups, wanted.Groups),
	} {
		if !same {
			problems = append(problems, fmt.Errorf("%s cannot be changed: replace the database", name))
		}
	}
	return errors.Join(problems...)
}

// configure has PostgreSQL judge the settings, saves the spec and has the
// running servers read their configuration.
func (p *Pair) configure(ctx context.Context, state State, spec Spec) error {
	state.Spec = spec
	primary, _ := state.server(state.Primary)
	data := layoutOf(spec.Folder, primary.Name).data()
	if err := checkConfig(ctx, state.Install, p.host.Account, data, configOf(state, primary)); err != nil {
		return err
	}
	if err := p.change(func(s *State) { s.Spec = spec }); err != nil {
		return err
	}
	for _, server := range state.Servers {
		if !server.Process.Alive() {
			continue // it is written when it starts
		}
		if err := p.reload(state, server); err != nil {
			return err
		}
	}
	return nil
}
