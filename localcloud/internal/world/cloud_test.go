package world

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orchard/localcloud/internal/postgres"
)

// nameless is a cloud that knows one thing: a resource with the input "refuse"
// is refused. Nothing that it declares runs.
type nameless struct{}

func (nameless) Declare(resources []Resource) (Declared, error) {
	for _, r := range resources {
		if why, ok := r.Inputs["refuse"].(string); ok {
			return Declared{}, errors.New(why)
		}
	}
	return Declared{Region: "here", Zones: []string{"a", "b", "c"}}, nil
}

func (nameless) Serve(context.Context, *World) error { return nil }
func (nameless) NewInstanceID(Group) string          { return "one" }
func (nameless) Forget(*World, string)               {}

func (nameless) Boot(context.Context, *World, Instance, TemplateVersion) (Image, error) {
	return Image{}, nil
}

func (nameless) Login(context.Context, *World, Database, postgres.Login) error { return nil }
func (nameless) DatabaseRoles() (string, []postgres.GroupRole)                 { return "root", nil }
func (nameless) DatabaseSetup() []string                                       { return nil }
func (nameless) DatabaseTiming() postgres.Timing {
	return postgres.Timing{Detection: time.Minute, Address: 30 * time.Second}
}

func (nameless) Announce(*World, Instance, time.Time) <-chan struct{} { return nil }

// openWorld makes a world in a folder of the test's, and gives its number back
// afterwards.
func openWorld(t *testing.T, folder string) *World {
	t.Helper()
	w, err := Open(Options{
		Clouds:    map[string]Cloud{"here": nameless{}, "there": nameless{}},
		TimeScale: 10,
		Log:       slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, folder, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.events.close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// worldFolder is a folder for a world whose number is given back at the end.
func worldFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "w")
	t.Cleanup(func() {
		if err := Release(folder); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}
