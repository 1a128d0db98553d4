package main

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const begun = `{"number":1,"time":"2026-05-04T03:02:01.5Z","kind":"instance","id":"i-1","message":"begins"}` + "\n"

func TestPrintEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		print eventPrinter
		want  string
	}{
		"in lines": {printEvent, "2026-05-04 03:02:01.500  instance  i-1  begins\n"},
		"as JSON":  {encodeEvent, begun},
	} {
		var out bytes.Buffer
		err := printEvents(t.Context(), &out, bytes.NewBufferString(begun), c.print, false)
		if diff := cmp.Diff(c.want, out.String()); err != nil || diff != "" {
			t.Errorf("event %s (-want +got): %v\n%s", name, err, diff)
		}
	}
}

func TestFollowedEventsArePrintedAsTheyCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log, out bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- printEvents(ctx, &out, &log, printEvent, true) }()
		for _, c := range []struct {
			written string
			printed int // events
		}{{"", 0}, {begun, 1}, {begun[:20], 1}, {begun[20:] + begun, 3}} {
			synctest.Wait()
			log.WriteString(c.written)
			time.Sleep(lookAgain)
			synctest.Wait()
			if got := bytes.Count(out.Bytes(), []byte("begins")); got != c.printed {
				t.Errorf("events printed after %q was written: got %d, want %d", c.written, got, c.printed)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("printEvents until it was stopped: %v", err)
		}
	})
}
