package bootstrap

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// blobStore is a storage account: the release, the token, and what is put.
type blobStore struct {
	mu   sync.Mutex
	puts map[string]string
}

func (s *blobStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := sampleAzureRunner()
	blobs := map[string]string{"/releases/" + a.Key: standIn, "/tokens/" + a.TokenKey: writeToken}
	text, known := blobs[r.URL.Path]
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Host != "orchard0123456789.blob.core.windows.net" || r.Header.Get("Authorization") != "Bearer "+bearer || r.Header.Get("X-Ms-Version") == "":
		http.Error(w, "refused", http.StatusBadRequest)
	case r.Method == http.MethodGet && known:
		fmt.Fprint(w, text)
	case r.Method == http.MethodPut && r.Header.Get("X-Ms-Blob-Type") == "BlockBlob":
		body, _ := io.ReadAll(r.Body) // a short body shows in the comparison
		s.puts[r.URL.Path] = string(body)
		w.WriteHeader(http.StatusCreated)
	default:
		http.NotFound(w, r)
	}
}

// TestAzureRunnerRun runs the whole script, and one run.
func TestAzureRunnerRun(t *testing.T) {
	t.Parallel()
	store := &blobStore{puts: map[string]string{}}
	plain, tls := httptest.NewServer(http.HandlerFunc(azureMetadata)), httptest.NewTLSServer(store)
	t.Cleanup(plain.Close)
	t.Cleanup(tls.Close)
	m := &machine{root: t.TempDir(), image: t.TempDir()}
	m.write(t, ".curlrc", fmt.Sprintf("insecure\nconnect-to = 169.254.169.254:80:%s\nconnect-to = orchard0123456789.blob.core.windows.net:443:%s\n",
		plain.Listener.Addr(), tls.Listener.Addr()))
	m.write(t, "systemctl", "#!/bin/bash\necho \"$*\" >>\"$DESTDIR/systemctl.log\"\n")
	script, err := sampleAzureRunner().Render()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := m.bash(t, script); err != nil {
		t.Fatalf("script: %v\n%s", err, out)
	}
	if out, err := m.once(t, "0"); err != nil {
		t.Fatalf("run: %v\n%s", err, out)
	}
	if len(store.puts) != 2 {
		t.Fatalf("results: got %v, want two files of one", store.puts)
	}
	for path, text := range store.puts {
		whole := strings.HasSuffix(path, "/run.json") && strings.Contains(text, writeToken)
		if !strings.HasPrefix(path, "/results/load/app_0a1b2c/20") || !whole && !strings.HasSuffix(path, "/windows.jsonl") {
			t.Errorf("result: got %s under %s", text, path)
		}
	}
}
