package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// errEngineKilled is when the engine did not end by itself.
var errEngineKilled = errors.New("the engine was killed")

// watcher keeps the errors that the engine reports while it works.
type watcher struct {
	events chan events.EngineEvent
	stop   chan struct{}
	done   chan struct{}
	errors []apitype.DiagnosticEvent
}

func newWatcher() *watcher {
	w := &watcher{events: make(chan events.EngineEvent), stop: make(chan struct{}), done: make(chan struct{})}
	go w.collect()
	return w
}

// collect ends at the end of the stream, or when the engine never opened it.
func (w *watcher) collect() {
	defer close(w.done)
	for {
		select {
		case event, open := <-w.events:
			if !open {
				return
			}
			if d := event.DiagnosticEvent; d != nil && d.Severity == "error" {
				w.errors = append(w.errors, *d)
			}
		case <-w.stop:
			return
		}
	}
}

// explain turns the failure of an operation into a sentence: what failed,
// and the words of the first resource that did.
func (w *watcher) explain(ctx context.Context, operation, stack string, err error) error {
	close(w.stop)
	<-w.done
	if err == nil {
		return nil
	}
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return fmt.Errorf("%s of stack %s was %w", operation, stack, errInterrupted)
	}
	if strings.Contains(err.Error(), "signal: killed") {
		return fmt.Errorf("%s of stack %s failed: %w", operation, stack, errEngineKilled)
	}
	if at, message := w.first(); message != "" {
		return fmt.Errorf("%s of stack %s failed%s: %s", operation, stack, at, message)
	}
	return fmt.Errorf("%s of stack %s failed: %w", operation, stack, plainError(err))
}

// first prefers a resource's own error to the engine's summary, which names
// the stack.
func (w *watcher) first() (at, message string) {
	for _, d := range w.errors {
		u := urn.URN(d.URN)
		text := clean(d.Message)
		if d.URN != "" && u.Type() != "pulumi:pulumi:Stack" && text != "" {
			return " at " + string(u.Type()) + " " + u.Name(), text
		}
		if message == "" {
			message = text
		}
	}
	return "", message
}

var (
	// wrapping is what engine and SDK put before a program's own error.
	wrapping = regexp.MustCompile(`(?s)^an unhandled error occurred:.*?\* `)
	items    = regexp.MustCompile(`\n\s*(- |\* )`)
	blanks   = regexp.MustCompile(`\s*\n\s*`)
)

// clean makes one line: without colours, with semicolons between the items
// of a list.
func clean(message string) string {
	message = strings.TrimSpace(colors.Never.Colorize(message))
	message = wrapping.ReplaceAllString(message, "")
	message = items.ReplaceAllString(message, "; ")
	message = blanks.ReplaceAllString(message, " ")
	return strings.ReplaceAll(message, ":; ", ": ")
}

// plainError finds the sentence in what the Automation API makes of the
// command's whole output.
func plainError(err error) error {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if _, message, ok := strings.Cut(line, "error: "); ok {
			lines = append(lines, clean(message))
		}
	}
	if len(lines) == 0 {
		return err
	}
	return errors.New(strings.Join(lines, "; "))
}
