package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// folder is one stack's place in the work folder, locked while it is open.
type folder struct {
	// path is what Pulumi works in.
	path string
	// token is the encrypted write token that an earlier run made.
	token string
	lock  *os.File
}

var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

func validStack(name string) error {
	if stackName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("--stack %q is not a stack's name: lower-case letters, digits and hyphens, at most 31", name)
}

// openFolder copies the project's files to the work folder. The lock is the
// kernel's, so it ends with this process however that ends.
func openFolder(o *options) (*folder, error) {
	work, err := filepath.Abs(o.work)
	if err != nil {
		return nil, fmt.Errorf("find work folder: %w", err)
	}
	f := &folder{path: filepath.Join(work, o.stack)}
	// The engine looks for the folder that `main` names, although the program runs here.
	if err := os.MkdirAll(filepath.Join(f.path, "infra"), 0o700); err != nil {
		return nil, fmt.Errorf("make work folder: %w", err)
	}
	if err := f.acquire(o.stack); err != nil {
		return nil, err
	}
	if err := f.copyProject(o.project, o.stack); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *folder) acquire(stack string) error {
	lock, err := os.OpenFile(f.path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		lock.Close()
		return fmt.Errorf("stack %s is in use by another deploy; wait until it has ended", stack)
	}
	if err != nil {
		lock.Close()
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	f.lock = lock
	return nil
}

// copyProject brings Pulumi.yaml and the stack's own file, if there is one.
// The line that holds the salt of the stack's secrets lives in the copy only.
func (f *folder) copyProject(project, stack string) error {
	text, err := os.ReadFile(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("read project (is --project right?): %w", err)
	}
	if err := os.WriteFile(filepath.Join(f.path, "Pulumi.yaml"), text, 0o600); err != nil {
		return fmt.Errorf("copy project: %w", err)
	}
	own := "Pulumi." + stack + ".yaml"
	config, err := os.ReadFile(filepath.Join(project, own))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read configuration: %w", err)
	}
	if kept := f.salt(own, string(config)); kept != "" {
		f.token = f.earlierToken(own) // of no use under another salt
		config = append(config, kept...)
	}
	if err := os.WriteFile(filepath.Join(f.path, own), config, 0o600); err != nil {
		return fmt.Errorf("copy configuration: %w", err)
	}
	return nil
}

var saltLine = regexp.MustCompile(`(?m)^encryptionsalt: .*$`)

// salt is what an earlier run added to the copy and the checkout lacks.
func (f *folder) salt(name, checkout string) string {
	earlier, err := os.ReadFile(filepath.Join(f.path, name))
	line := saltLine.FindString(string(earlier))
	if err != nil || line == "" || saltLine.MatchString(checkout) {
		return ""
	}
	if checkout != "" && !strings.HasSuffix(checkout, "\n") {
		line = "\n" + line
	}
	return line + "\n"
}

var tokenLines = regexp.MustCompile(`(?m)^  orchard:writeToken:\n    secure: (\S+)$`)

// earlierToken is the write token in the copy that an earlier run left.
func (f *folder) earlierToken(name string) string {
	earlier, err := os.ReadFile(filepath.Join(f.path, name))
	found := tokenLines.FindStringSubmatch(string(earlier))
	if err != nil || found == nil {
		return ""
	}
	return found[1]
}

// Close lets another deploy have the stack.
func (f *folder) Close() { f.lock.Close() }

// remove forgets the copy and the marker. The lock's file stays for its next holder.
func (f *folder) remove() error {
	if err := errors.Join(os.RemoveAll(f.path), os.RemoveAll(f.marker())); err != nil {
		return fmt.Errorf("remove work folder: %w", err)
	}
	return nil
}
