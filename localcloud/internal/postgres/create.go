package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// Create makes the database and returns when it accepts connections and the
// standby, where asked for, is in sync. An earlier attempt that did not come
// to its end is removed first; so is this one when it fails.
func Create(ctx context.Context, host Host, spec Spec) (*Pair, error) {
	if err := spec.check(); err != nil {
		return nil, fmt.Errorf("create database: %w", err)
	}
	if err := Remove(ctx, host.Account, spec.Folder); err != nil {
		return nil, err
	}
	folder, err := prepareFolder(host, spec.Folder)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create database: %w", err), Remove(ctx, host.Account, spec.Folder))
	}
	spec.Folder = folder
	p := newPair(host, State{
		Spec: spec, Install: host.Install, Primary: "a",
		Servers: []Server{{Name: "a", Zone: spec.Zones[0]}},
	})
	p.op.Lock()
	defer p.op.Unlock()
	if err := p.create(ctx); err != nil {
		p.setReady(false)
		p.disconnect()
		return nil, errors.Join(fmt.Errorf("create database: %w", err),
			Remove(context.WithoutCancel(ctx), host.Account, folder))
	}
	return p, nil
}

// prepareFolder makes the folder and returns its path without symbolic
// links, which is how the kernel names it.
func prepareFolder(host Host, folder string) (string, error) {
	if err := host.Account.frame(folder); err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return "", err
	}
	return resolved, errors.Join(
		checkFolder(resolved),
		host.Account.CheckPassable(resolved),
		host.Account.CheckPassable(host.Install.Bin))
}

func (p *Pair) create(ctx context.Context) error {
	if err := p.change(func(*State) {}); err != nil {
		return err
	}
	state := p.State()
	files := p.layout(state.Primary)
	if err := p.makeFolders(files); err != nil {
		return fmt.Errorf("make folders: %w", err)
	}
	err := runProgram(ctx, state.Install, p.host.Account, files.incoming(), "initdb", "-D", files.incoming(),
		"--username="+state.Spec.Superuser, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
		"--data-checksums", "--no-instructions")
	if err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if err := os.Rename(files.incoming(), files.data()); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	err = checkConfig(ctx, state.Install, p.host.Account, files.data(), configOf(state, state.Servers[0]))
	if err != nil {
		return err
	}
	if err := p.startPrimary(ctx); err != nil {
		return err
	}
	if err := makeRoles(ctx, p.control, state.Spec, state.Install.Major); err != nil {
		return err
	}
	if err := setUp(ctx, p.control, state.Spec); err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	return p.change(func(s *State) { s.Created = true })
}

func (p *Pair) makeFolders(files layout) error {
	if err := p.host.Account.frame(files.root); err != nil {
		return err
	}
	return errors.Join(p.host.Account.folder(files.run()), p.host.Account.folder(files.incoming()))
}

// makeRoles creates the roles and the database, in this order: groups, the
// master role, its memberships, the database that it owns.
func makeRoles(ctx context.Context, conn *pgx.Conn, spec Spec, major int) error {
	var statements []string
	for _, group := range spec.Groups {
		statements = append(statements, "create role "+quote(group.Name)+" nologin")
	}
	master := quote(spec.MasterRole)
	statements = append(statements, "create role "+master+" login createrole createdb nosuperuser noreplication nobypassrls")
	for _, group := range spec.Groups {
		statements = append(statements, grants(group, master, major)...)
	}
	if spec.Database != "" && spec.Database != "postgres" {
		statements = append(statements, "create database "+quote(spec.Database)+" owner "+master)
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make roles and database: %s: %w", statement, err)
		}
	}
	return nil
}

func setUp(ctx context.Context, conn *pgx.Conn, spec Spec) error {
	for i, statement := range spec.Setup {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("set up database: statement %d: %w", i+1, err)
		}
	}
	return nil
}

func grants(group GroupRole, master string, major int) []string {
	grant := "grant " + quote(group.Name) + " to " + master
	switch {
	case group.Granted && group.Grantable:
		return []string{grant + " with admin option"}
	case group.Granted:
		return []string{grant}
	case group.Grantable && major >= 16:
		return []string{grant + " with admin true, inherit false, set false"}
	}
	return nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
