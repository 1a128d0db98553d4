package uploads_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/uploads"
)

func put(t *testing.T, f uploads.Folder, container, key, text string) {
	t.Helper()
	if err := f.Put(container, key, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

// TestUploads: keys are any texts, and containers do not meet.
func TestUploads(t *testing.T) {
	t.Parallel()
	f := uploads.Folder(filepath.Join(t.TempDir(), "not", "there"))
	if keys, err := f.Keys("bucket", ""); err != nil || len(keys) != 0 {
		t.Errorf("keys before the first: got %v, %v", keys, err)
	}
	for _, key := range []string{"a", "a/b", "..", "ä %2F", "a/b"} {
		put(t, f, "bucket", key, "text of "+key)
	}
	put(t, f, "account/bucket", "a", "other")
	keys, err := f.Keys("bucket", "")
	if diff := cmp.Diff([]string{"..", "a", "a/b", "ä %2F"}, keys); diff != "" || err != nil {
		t.Errorf("keys: %v (-want +got):\n%s", err, diff)
	}
	if keys, err = f.Keys("bucket", "a/"); err != nil || len(keys) != 1 {
		t.Errorf("keys below a/: got %v, %v, want one", keys, err)
	}
	path, err := f.Find("bucket", "ä %2F")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "text of ä %2F" {
		t.Errorf("content: got %q, %v", text, err)
	}
	if err := f.Remove("bucket"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Find("bucket", "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the removal: got error %v, want fs.ErrNotExist", err)
	}
	if _, err := f.Find("account/bucket", "a"); err != nil {
		t.Errorf("the other container: %v", err)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	f := uploads.Folder(t.TempDir())
	if err := f.Put("bucket", strings.Repeat("k", 300), strings.NewReader("")); !errors.Is(err, uploads.ErrLongKey) {
		t.Errorf("long key: got error %v", err)
	}
	if err := f.Put("bucket", "k", strings.NewReader(strings.Repeat("x", uploads.MaxBytes+1))); !errors.Is(err, uploads.ErrTooLarge) {
		t.Errorf("large object: got error %v", err)
	}
	if keys, err := f.Keys("bucket", ""); err != nil || len(keys) != 0 {
		t.Errorf("after the refusals: got %v, %v, want nothing kept", keys, err)
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	f, to := uploads.Folder(t.TempDir()), t.TempDir()
	put(t, f, "bucket", "results/load/i-1/a.json", "1")
	put(t, f, "bucket", "results/load/i-2/a.json", "2")
	put(t, f, "bucket", "results/load2/i-3/a.json", "3")
	n, err := f.Copy("bucket", "results/load", to)
	if n != 2 || err != nil {
		t.Errorf("copied: got %d, %v, want 2", n, err)
	}
	if text, err := os.ReadFile(filepath.Join(to, "i-2/a.json")); err != nil || string(text) != "2" {
		t.Errorf("i-2/a.json: got %q, %v, want 2", text, err)
	}
	put(t, f, "bucket", "results/load/../../x", "4")
	if _, err := f.Copy("bucket", "results/load", to); err == nil || !strings.Contains(err.Error(), "no path below a folder") {
		t.Errorf("a key that leads out: got error %v", err)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"s3://bucket/results/load": {"bucket", "results/load"},
		"s3://bucket":              {"bucket", ""},
		"https://acc.blob.core.windows.net/results/load-azure/": {"acc/results", "load-azure"},
		"https://example.org/results":                           {},
		"https://.blob.core.windows.net/c":                      {},
		"bucket/results":                                        {},
		"s3://":                                                 {},
	} {
		container, prefix, err := uploads.Split(address)
		if [2]string{container, prefix} != want || (err != nil) != (want[0] == "") {
			t.Errorf("%s: got %q, %q, %v, want %q", address, container, prefix, err, want)
		}
	}
}
