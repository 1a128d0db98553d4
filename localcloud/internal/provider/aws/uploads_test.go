package aws_test

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"orchard/localcloud/internal/provider/providertest"
	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// TestDeleteBucketWithUploads: what instances have put keeps a bucket, unless
// the program has said otherwise; then it goes with the bucket.
func TestDeleteBucketWithUploads(t *testing.T) {
	t.Parallel()
	const typ = "aws:s3/bucketV2:BucketV2"
	for force, want := range map[bool]string{false: "BucketNotEmpty", true: ""} {
		bucket := map[string]any{"bucket": "store", "forceDestroy": force}
		w := newWorld(world.Resource{
			ID: "store#bucket", URN: providertest.URN(typ, "store"), Type: typ, Confirmed: true, Inputs: bucket, Outputs: bucket, Private: map[string]any{"region": region},
		})
		w.Folder = uploads.Folder(t.TempDir())
		if err := w.Folder.Put("store", "results/a", strings.NewReader("text")); err != nil {
			t.Fatal(err)
		}
		c := providertest.Connect(t, serve(t, w), inFrankfurt)
		_, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: "store", Urn: providertest.URN(typ, "store")})
		keys, listed := w.Folder.Keys("store", "")
		if listed != nil {
			t.Fatal(listed)
		}
		if want == "" && (err != nil || len(keys) != 0) || want != "" && (err == nil || !strings.Contains(err.Error(), want) || len(keys) != 1) {
			t.Errorf("forceDestroy %v: got error %v and %v left, want %q", force, err, keys, want)
		}
	}
}
