package machine

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is who an instance runs as; nil means the caller itself.
type owner struct {
	name     string
	uid, gid int
}

// ownerOf finds the unprivileged user for an instance, when root asks.
func ownerOf(name string) (*owner, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	if name == "" {
		name = "nobody"
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("find user for instances: %w", err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("find user for instances: %s: %w", name, err)
	}
	if uid == 0 {
		return nil, fmt.Errorf("find user for instances: %s is root: name an unprivileged user", name)
	}
	return &owner{name, uid, gid}, nil
}

func (o *owner) credential() *syscall.Credential {
	if o == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
}

// own hands a folder and everything in it to the user.
func (o *owner) own(folder string) error {
	if o == nil {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, o.uid, o.gid)
	})
}

// reach checks that the user can pass every folder on the way to path: a
// start would fail with a riddle otherwise.
func (o *owner) reach(path string) error {
	if o == nil {
		return nil
	}
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		if err != nil {
			return fmt.Errorf("look at %s: %w", folder, err)
		}
		stat := info.Sys().(*syscall.Stat_t)
		bit := os.FileMode(0o001)
		switch {
		case int(stat.Uid) == o.uid:
			bit = 0o100
		case int(stat.Gid) == o.gid:
			bit = 0o010
		}
		if info.Mode()&bit == 0 {
			return fmt.Errorf("user %s, as whom instances run, cannot enter %s (mode %04o): choose a folder elsewhere or allow it (chmod o+x)", o.name, folder, info.Mode().Perm())
		}
		if folder == "/" {
			return nil
		}
	}
}
