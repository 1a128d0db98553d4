package awscloud

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"orchard/localcloud/internal/objects"
)

// TestKeep: an instance's object is found again, below what the program has
// declared.
func TestKeep(t *testing.T) {
	t.Parallel()
	c, w := hookWorld(t)
	put(t, w, "store#bucket", "aws:s3/bucketV2:BucketV2", map[string]any{"bucket": "store", "arn": "arn:aws:s3:::store"})
	put(t, w, "store/release", "aws:s3/bucketObjectv2:BucketObjectv2", map[string]any{"bucket": "store", "key": "release"})
	cloud, err := state(w)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []struct {
		bucket, key string
		want        error
	}{
		{"store", "results/a", nil},
		{"store", "release", objects.ErrRefused},
		{"store", strings.Repeat("k", 400), objects.ErrRefused},
		{"other", "results/a", objects.ErrNoBucket},
	} {
		if err := keep(w, cloud, o.bucket, o.key, []byte("text")); !errors.Is(err, o.want) {
			t.Errorf("put %s into %s: got error %v, want %v", o.key, o.bucket, err, o.want)
		}
	}
	path, err := c.find(w, cloud, "store", "results/a")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "text" {
		t.Errorf("found: got %q, %v, want what was put", text, err)
	}
	if _, err := c.find(w, cloud, "store", "results/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an object that nobody has put: got error %v, want fs.ErrNotExist", err)
	}
}
