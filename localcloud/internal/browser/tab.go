package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to show what it is to show.
const patience = 20 * time.Second

// Do takes steps in a tab; the test fails with the first that fails.
func Do(t testing.TB, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

// Await waits until a condition in the page is true. Where it does not become
// so, the test fails with the value of the expression shown.
func Await(t testing.TB, tab context.Context, condition, shown string) {
	t.Helper()
	within, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if _, err := chromedp.Run(within, chromedp.Poll[bool](condition, chromedp.WithPollingInterval(50*time.Millisecond))); err == nil {
		return
	}
	got, err := chromedp.Run(tab, chromedp.Evaluate[[]byte](shown))
	t.Fatalf("the page has not come to %s within %s: got %s (%v)", condition, patience, got, err)
}

// Equal waits until an expression in the page has a value.
func Equal[T comparable](t testing.TB, tab context.Context, expression string, want T) {
	t.Helper()
	wanted, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	Await(t, tab, fmt.Sprintf("(%s) === %s", expression, wanted), expression)
}

// watch keeps what goes wrong in a page, a breach of its policy among it.
const watch = `window.wrong = [];
	for (const kind of ["error", "unhandledrejection", "securitypolicyviolation"])
		addEventListener(kind, (e) => wrong.push(kind + " " + (e.message ?? e.reason ?? e.violatedDirective)));`

// Visit opens a page. What goes wrong in it fails the test at its end.
func Visit(t testing.TB, tab context.Context, address string) {
	t.Helper()
	Do(t, tab, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
		return err
	}), chromedp.Navigate(address))
	t.Cleanup(func() { Equal(t, tab, `wrong.join("; ")`, "") })
}

// Scheme prefers a color scheme, light or dark.
func Scheme(name string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return err
	})
}
