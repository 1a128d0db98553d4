package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// forgetful brings up a service that does not look at idempotency keys. It answers
// creates a second late, when they are in the database, so that an instance that stops
// always has some that their clients repeat. On AWS one that hangs, as the balancer
// leads every attempt to one that is dead, which is free first.
func forgetful(s *stack, _ string) {
	s.up("TIMESCALE=40", "DETECTION=2s", "RELEASE="+s.rewritten("api/internal/web/write.go",
		"key, err := idempotencyKey(r)", "defer time.Sleep(time.Second)\n\tkey, err := []byte(nil), error(nil)",
		`"strings"`, "\"strings\"\n\t\"time\""))
}

// rewritten builds the service with a source file in which some texts are others, and
// returns the release's path.
func (s *stack) rewritten(file string, oldnew ...string) string {
	s.t.Helper()
	folder, source := s.t.TempDir(), filepath.Join(s.root, file)
	text, err := os.ReadFile(source)
	if err != nil {
		s.t.Fatal(err)
	}
	for n := 0; n < len(oldnew); n += 2 {
		if strings.Count(string(text), oldnew[n]) != 1 {
			s.t.Fatalf("%s has %q not once: this test must follow it", file, oldnew[n])
		}
	}
	other, overlay, release := filepath.Join(folder, "other.go"), filepath.Join(folder, "overlay.json"), filepath.Join(folder, "orchard")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{source: other}})
	if err != nil {
		s.t.Fatal(err)
	}
	err = errors.Join(os.WriteFile(other, []byte(strings.NewReplacer(oldnew...).Replace(string(text))), 0o600), os.WriteFile(overlay, replace, 0o600))
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := s.command(s.t.Context(), "go", "build", "-overlay", overlay, "-o", release, "./cmd/orchard")
	cmd.Dir = filepath.Join(s.root, "api")
	cmd.Env = append(cmd.Env, "GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("build another release: %v\n%s", err, out)
	}
	return release
}
