// Package browser opens a headless Chromium for tests of the console.
//
// It leaves out installing one: scripts/chromium.sh does.
package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// Open starts a Chromium with an empty profile that ends with the test, and
// returns the context of its first tab. The test fails where there is none.
func Open(t testing.TB, width, height int) context.Context {
	t.Helper()
	path, err := find(os.Getenv("CHROMIUM"))
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, // it does not run as root otherwise
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height),
	}
	for _, flag := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-dev-shm-usage", "disable-default-apps", "metrics-recording-only", "hide-scrollbars",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...) // the test may ask it at its end
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocated, chromedp.WithLogf(t.Logf), chromedp.WithErrorf(t.Logf))
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return tab
}

// find is the Chromium that was named, or one of those on PATH.
func find(named string) (string, error) {
	names := []string{"chromium", "google-chrome"}
	if named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium found: `make chromium` finds or installs one")
}
