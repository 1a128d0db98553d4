package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// Folder is the state folder: all that a daemon and its worlds keep. Nothing
// of them is anywhere else but the claims of world numbers.
type Folder string

// DefaultFolder is the state folder of the checkout (or any folder) that a
// command is run in: one of its own in /var/tmp, because every parent of a
// database's files must be passable for another user, because a path to a
// unix socket may have 107 bytes, and because it must outlive a reboot.
func DefaultFolder(dir string, uid int) Folder {
	sum := sha256.Sum256([]byte(dir))
	return Folder(filepath.Join(shared(uid), hex.EncodeToString(sum[:4])))
}

// shared is where the checkouts of one user have their state by default.
func shared(uid int) string { return fmt.Sprintf("/var/tmp/localcloud-%d", uid) }

func (f Folder) path(parts ...string) string {
	return filepath.Join(append([]string{string(f)}, parts...)...)
}

// Worlds holds a folder for each stack.
func (f Folder) Worlds() string { return f.path("w") }

// Uploads is what the instances of a stack have put.
func (f Folder) Uploads(stack string) uploads.Folder {
	return world.UploadsIn(filepath.Join(f.Worlds(), stack))
}

// Blobs holds the content of objects, each under its SHA-256.
func (f Folder) Blobs() string { return f.path("blobs") }

// Images holds what instances find on their PATH.
func (f Folder) Images() string { return f.path("images") }

// Certificate is the authority's certificate, for clients that meet a load
// balancer by HTTPS.
func (f Folder) Certificate() string { return f.path("ca.pem") }

// Socket is where the daemon answers status and stop.
func (f Folder) Socket() string { return f.path("daemon.sock") }

// Log is what a daemon in the background writes.
func (f Folder) Log() string { return f.path("daemon.log") }

// Pulumi holds the engine's home, backend and passphrase, and the copies of
// the project that the Automation API works on.
func (f Folder) Pulumi(parts ...string) string {
	return f.path(append([]string{"pulumi"}, parts...)...)
}

// Prepare makes the folder, passable for the users that instances and
// databases run as and readable for nobody else. It refuses a folder that
// belongs to another user.
func (f Folder) Prepare() error {
	for _, dir := range []string{filepath.Dir(string(f)), string(f), f.Worlds(), f.Blobs(), f.Images(), f.Pulumi(), f.Pulumi("backend"), f.Pulumi("home"), f.Pulumi("work")} {
		if err := makeOwn(dir); err != nil {
			return fmt.Errorf("prepare state folder: %w", err)
		}
	}
	return os.Chmod(f.Pulumi(), 0o700)
}

func makeOwn(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of yours: remove it, or give another with --state", dir)
	}
	return nil
}

// Exists says whether there is a state folder at all.
func (f Folder) Exists() bool {
	_, err := os.Stat(string(f))
	return !errors.Is(err, fs.ErrNotExist)
}

// Remove deletes the folder, and with the last of a user's checkouts the folder
// that they share. The parent of a folder of the user's own choice is not ours.
func (f Folder) Remove() error {
	if err := os.RemoveAll(string(f)); err != nil {
		return fmt.Errorf("remove state folder: %w", err)
	}
	parent := filepath.Dir(string(f))
	if parent != shared(os.Geteuid()) {
		return nil
	}
	if err := os.Remove(parent); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) && !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("remove state folder: %w", err)
	}
	return nil
}
