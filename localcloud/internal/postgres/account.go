package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Account is the user that the servers run as.
type Account struct {
	Name   string
	UID    uint32
	GID    uint32
	Groups []uint32

	drop bool // the caller is root and must become this user
}

// ServerAccount is the user to run servers as: for root "postgres" where
// there is one, else "nobody"; for everyone else the user itself.
func ServerAccount() (Account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return Account{Name: strconv.Itoa(uid), UID: uint32(uid), GID: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		var unknown user.UnknownUserError
		if errors.As(err, &unknown) {
			continue
		}
		if err != nil {
			return Account{}, fmt.Errorf("look up user %s: %w", name, err)
		}
		return accountOf(u)
	}
	return Account{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody: add one (useradd --system postgres)")
}

func accountOf(u *user.User) (Account, error) {
	ids, err := u.GroupIds()
	if err != nil {
		return Account{}, fmt.Errorf("look up groups of user %s: %w", u.Username, err)
	}
	numbers := make([]uint32, 0, len(ids)+2)
	for _, id := range slices.Concat([]string{u.Uid, u.Gid}, ids) {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return Account{}, fmt.Errorf("read id of user %s: %w", u.Username, err)
		}
		numbers = append(numbers, uint32(n))
	}
	return Account{Name: u.Username, UID: numbers[0], GID: numbers[1], Groups: numbers[2:], drop: true}, nil
}

// attributes are those of a program that runs as the account, in a session
// of its own where it is to outlive this process.
func (a Account) attributes(session bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setsid: session}
	if a.drop {
		attributes.Credential = &syscall.Credential{Uid: a.UID, Gid: a.GID, Groups: a.Groups}
	}
	return attributes
}

// folder makes a folder that the account alone may use.
func (a Account) folder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if !a.drop {
		return nil
	}
	return os.Lchown(path, int(a.UID), int(a.GID))
}

// frame makes a folder that stays the caller's: the account may pass it, but
// cannot put something else in the place of what is in it.
func (a Account) frame(path string) error {
	mode := os.FileMode(0o700)
	if a.drop {
		mode = 0o711
	}
	if err := os.Mkdir(path, mode); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return os.Chmod(path, mode) // whatever the umask is
}

// write replaces a file of the account as a whole. It does not follow a link
// that the account may have put there.
func (a Account) write(path, text string) error {
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file, err := a.open(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// open opens a file, makes it where asked to, and gives it to the account.
func (a Account) open(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|syscall.O_NOFOLLOW, 0o600)
	if err != nil || !a.drop {
		return file, err
	}
	if err := file.Chown(int(a.UID), int(a.GID)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// CheckPassable says whether the account can reach folder, by the mode bits
// of the folder and its parents. The error names the first folder that is
// in the way.
func (a Account) CheckPassable(folder string) error {
	var way []string
	for dir := filepath.Clean(folder); ; dir = filepath.Dir(dir) {
		way = append(way, dir)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, dir := range slices.Backward(way) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !a.passes(info) {
			return fmt.Errorf("the database's user %s cannot pass %s (mode %s): chmod o+x %s, or choose another folder", a.Name, dir, info.Mode().Perm(), dir)
		}
	}
	return nil
}

func (a Account) passes(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || a.UID == 0 {
		return ok
	}
	switch {
	case stat.Uid == a.UID:
		return info.Mode()&0o100 != 0
	case stat.Gid == a.GID || slices.Contains(a.Groups, stat.Gid):
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}
