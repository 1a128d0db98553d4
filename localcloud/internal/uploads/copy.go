package uploads

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Copy writes the objects of a container below a prefix into a folder, each
// under the rest of its key, and says how many there were. It does what
// `aws s3 cp --recursive` and `az storage blob download-batch` do.
func (f Folder) Copy(container, prefix, to string) (int, error) {
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	keys, err := f.Keys(container, prefix)
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		name := strings.TrimPrefix(key, prefix)
		if !filepath.IsLocal(name) {
			return 0, fmt.Errorf("copy object %q: its key is no path below a folder", key)
		}
		if err := f.copyOne(container, key, filepath.Join(to, name)); err != nil {
			return 0, fmt.Errorf("copy object %s: %w", key, err)
		}
	}
	return len(keys), nil
}

func (f Folder) copyOne(container, key, to string) error {
	path, err := f.Find(container, key)
	if err != nil {
		return err
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}

// Split reads the address of objects as a stack's outputs have it:
// s3://BUCKET/PREFIX, or https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX,
// whose container here is ACCOUNT/CONTAINER.
func Split(address string) (container, prefix string, err error) {
	if rest, ok := strings.CutPrefix(address, "s3://"); ok {
		container, prefix, _ = strings.Cut(rest, "/")
	} else if rest, ok := strings.CutPrefix(address, "https://"); ok {
		host, path, _ := strings.Cut(rest, "/")
		account, cut := strings.CutSuffix(host, ".blob.core.windows.net")
		name, below, _ := strings.Cut(path, "/")
		if cut && account != "" && name != "" {
			container, prefix = account+"/"+name, below
		}
	}
	if container == "" {
		return "", "", fmt.Errorf("%q is no address of objects; write s3://BUCKET/PREFIX or https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX", address)
	}
	return container, strings.TrimSuffix(prefix, "/"), nil
}
