package report

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/objective"
	"orchard/loadrunner/internal/record"
	"orchard/loadrunner/internal/results"
)

// sample writes the results of a run of 60 s with a fault from 20 to 30 s.
func sample(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "run")
	w, err := results.Create(folder)
	if err != nil {
		t.Fatal(err)
	}
	recorder, windows := record.NewRecorder([]record.Kind{{Name: "list"}, {Name: "create", Write: true}}, time.Minute)
	d := &results.Document{
		Result: record.NewResult(), Ledger: &ledger.Verdict{Acknowledged: 3000},
		Objectives: []objective.Outcome{{Objective: "errors < 0.1%", Value: "5.5%"}, {Objective: "lost == 0", Value: "0", Met: true}},
		Events:     []results.Event{{At: 20 * time.Second, Name: "zone-down <1b>"}, {At: 30 * time.Second, Name: "zone-up"}},
	}
	d.Target, d.Loop, d.Nodes, d.Started, d.Seconds, d.Planned = "http://127.1.0.10:8080", "open", 1, time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), 60, 60
	read := make(chan struct{})
	go func() {
		defer close(read)
		for window := range windows {
			d.AddWindow(window)
			if err := w.Window(window); err != nil {
				t.Error(err)
			}
			recorder.Return(window)
		}
	}()
	for i := range 60 * 100 {
		now := time.Duration(i) * 10 * time.Millisecond
		recorder.Now(now)
		recorder.Scheduled(0)
		response := time.Duration(2000+i*7919%3000) * time.Microsecond
		switch down := i >= 2000 && i < 3000; {
		case down && i%3 == 0 && i%2 == 0:
			recorder.Failed(0, record.Timeout, time.Second, time.Second, now)
		case down && i%3 == 0:
			recorder.Answered(1, 503, 40*response, response, now)
		default:
			recorder.Answered(i%2, 200, response, response/2, now)
		}
	}
	recorder.Finish(time.Minute - 1)
	<-read
	d.AddClasses(recorder)
	d.Judge()
	if err := w.Finish(d); err != nil {
		t.Fatal(err)
	}
	return folder
}

// seen is a script that writes what a browser has made of the page into it.
const seen = `<script>
const drawn = (s) => [...document.querySelectorAll(s)].filter((e) => e.getTotalLength ? e.getTotalLength() > 100 : e.getBoundingClientRect().height > 10).length;
document.body.insertAdjacentHTML("beforeend", "<pre>charts " + drawn("svg") + ", lines " + drawn("path.line") + ", areas " + drawn("path.area") +
  ", bars " + [...document.querySelectorAll("rect.bar")].filter((e) => e.getBoundingClientRect().height > 1).length +
  ", events " + document.querySelectorAll("line.event").length + ", loaded " + performance.getEntriesByType("resource").length + "</pre>");
</script>`

// TestPlotsAreDrawn opens the report in a browser.
func TestPlotsAreDrawn(t *testing.T) {
	t.Parallel()
	folder := sample(t)
	file := filepath.Join(folder, "report.html")
	if err := WriteHTML(file, folder); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, seen...), 0o644); err != nil {
		t.Fatal(err)
	}
	page := browse(t, "--dump-dom", "file://"+file)
	got := regexp.MustCompile("<pre>(.*)</pre>").FindStringSubmatch(page)
	if got == nil {
		t.Fatalf("the page did not run its script:\n%.2000s", page)
	}
	if diff := cmp.Diff("charts 4, lines 7, areas 2, bars 5, events 6, loaded 0", got[1]); diff != "" {
		t.Errorf("what is drawn (-want +got):\n%s", diff)
	}
	for _, want := range []string{"zone-down &lt;1b&gt;", "errors &lt; 0.1%", "missed", "6000 scheduled = 5834 answered + 166 errors", "timeout", "503"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// browse runs Chromium without a window and returns what it prints.
func browse(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.Command("../../../scripts/chromium.sh").Output()
	if err != nil {
		t.Fatalf("find Chromium: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=" + t.TempDir()}, args...)
	cmd := exec.CommandContext(ctx, string(bytes.TrimSpace(path)), args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run Chromium: %v", err)
	}
	return string(out)
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	d, err := results.Load(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Terminal(&out, d); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"http://127.1.0.10:8080, open loop, 60.0 s", "6000 scheduled = 5834 answered + 166 errors + 0 late + 0 dropped",
		"rate         97.2 answers/s", "status 503", "timeout", "writes       3000 acknowledged, 0 lost", "errors < 0.1%: 5.5%, MISSED", "lost == 0: 0, met",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	w := &record.Window{Second: 4, Counts: record.Counts{Scheduled: 300, Answered: 299, Failed: 1}, Response: record.NewHistogram()}
	w.Response.Add(2 * time.Millisecond)
	for terminal, want := range map[bool]string{
		false: "   5 of 30 s  due 300/s  answered 299/s  p50 2ms  p99 2ms  failed 1\n",
		true:  "\r   5 of 30 s  due 300/s  answered 299/s  p50 2ms  p99 2ms  failed 1" + strings.Repeat(" ", 33) + "\r\x1b[K",
	} {
		var out bytes.Buffer
		p := &Progress{To: &out, Terminal: terminal, Length: 30 * time.Second}
		p.Window(w)
		p.Finish()
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("terminal %v (-want +got):\n%s", terminal, diff)
		}
	}
}
