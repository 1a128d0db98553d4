package providertest

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// Up brings a stack up.
func Up(t *testing.T, s auto.Stack) auto.UpResult {
	t.Helper()
	out, err := s.Up(t.Context(), optup.SuppressProgress())
	if err != nil {
		t.Fatalf("up: %v", err)
	}
	return out
}

// UpAgain finds the resources that the first up created all the same, and each
// of them confirmed.
func UpAgain(t *testing.T, s auto.Stack, w *World, created int) {
	t.Helper()
	if again := Changes(t, Up(t, s).Summary.ResourceChanges); len(again) != 1 || again["same"] != created {
		t.Errorf("second up: changes = %v, want {same: %d}", again, created)
	}
	for _, r := range w.Resources() {
		if !r.Confirmed {
			t.Errorf("%s is not confirmed after a second up", r.ID)
		}
	}
}

// UpFails wants an up to fail with an error that says something.
func UpFails(t *testing.T, s auto.Stack, want string) {
	t.Helper()
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("up: error = %v, want one with %q", err, want)
	}
}

// Refresh finds nothing to change, and then a resource that is gone: the first
// of a type, which nothing else in the stack may need.
func Refresh(t *testing.T, s auto.Stack, w *World, typ string) {
	t.Helper()
	out, err := s.Refresh(t.Context(), optrefresh.SuppressProgress())
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	if got := Changes(t, out.Summary.ResourceChanges); len(got) != 1 {
		t.Errorf("refresh: changes = %v, want all the same", got)
	}
	_ = w.Remove(t.Context(), w.Of(typ)[0].ID)
	UpFails(t, s, "pulumi refresh")
	if _, err := s.Refresh(t.Context(), optrefresh.SuppressProgress()); err != nil {
		t.Fatalf("refresh: %v", err)
	}
	if got := Changes(t, Up(t, s).Summary.ResourceChanges)["create"]; got != 1 {
		t.Errorf("up after refresh created %d resources, want the 1 that was gone", got)
	}
}

// Destroy leaves nothing in the world.
func Destroy(t *testing.T, s auto.Stack, w *World) {
	t.Helper()
	if _, err := s.Destroy(t.Context(), optdestroy.SuppressProgress()); err != nil {
		t.Fatalf("destroy: %v", err)
	}
	if left := w.Resources(); len(left) != 0 {
		t.Errorf("after destroy the world has %d resources, want 0: %v", len(left), left)
	}
}

// Changes counts what a run did, by the engine's words.
func Changes(t *testing.T, summary *map[string]int) map[string]int {
	t.Helper()
	if summary == nil {
		t.Fatal("the engine reported no changes at all")
	}
	return *summary
}
