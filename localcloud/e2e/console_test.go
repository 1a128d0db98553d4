package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/browser"
	"orchard/localcloud/internal/world"
)

// TestConsole looks at each cloud's stack as a person does, in a browser: what
// is pressed there happens, and what happens is seen there.
func TestConsole(t *testing.T) {
	t.Parallel()
	for _, cloud := range []string{"aws", "azure"} {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, "CLOUD="+cloud)
			address := consoleOf(t, s.up())
			tab := browser.Open(t, 1280, 1000)
			browser.Visit(t, tab, address)
			seesThreeZones(t, tab)
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.newLoad(20).run(ctx)
			}()
			seesLoad(t, tab)
			hangsAnInstance(t, s, tab)
			takesAZoneDown(t, s, tab, cloud)
			stop()
			<-done
			seesTheLoadEnd(t, tab)
			printsTheSameEvents(t, s, address)
			tellsNoSecret(t, s, address)
			isNotOutside(t, address)
		})
	}
}

var consoleLine = regexp.MustCompile(`(?m)^console: (http://127\.0\.0\.1:\d+/)$`)

// consoleOf is the address that make up has printed.
func consoleOf(t *testing.T, said string) string {
	t.Helper()
	m := consoleLine.FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("make up prints no address of the console:\n%s", said)
	}
	return m[1]
}

func seesThreeZones(t *testing.T, tab context.Context) {
	t.Helper()
	browser.Equal(t, tab, `document.querySelectorAll(".zone").length`, 3)
	browser.Equal(t, tab, `document.querySelectorAll(".zone[data-health=healthy] .instance[data-health=healthy]").length`, 3)
	browser.Equal(t, tab, `[...document.querySelectorAll(".server [data-text=role]")].map(r => r.textContent).sort().join()`, "Primary,Standby")
	browser.Equal(t, tab, `document.querySelector("#live").textContent`, "live")
}

// rate is the first figure of the page: requests, or connections, in the latest
// second.
const rate = `Number(document.querySelector("#charts .chart b").textContent)`

func seesLoad(t *testing.T, tab context.Context) {
	t.Helper()
	browser.Await(t, tab, rate+" > 0", rate)
	// A balancer of layer 4 sees no answers, but the connections.
	browser.Await(t, tab, `[...document.querySelectorAll("#charts .chart")].some(chart => /Time to answer|Open connections/.test(chart.textContent) &&
		Number(chart.querySelector("b")?.textContent) > 0)`, `document.querySelector("#charts").textContent`)
}

func seesTheLoadEnd(t *testing.T, tab context.Context) {
	t.Helper()
	browser.Equal(t, tab, rate, 0)
}

// press begins a fault by its buttons.
func press(t *testing.T, tab context.Context, target, kind string) {
	t.Helper()
	browser.Do(t, tab, chromedp.Click(fmt.Sprintf("[aria-label^=%q]", "Break "+target)), chromedp.WaitVisible("#break-kinds button"))
	browser.Await(t, tab, fmt.Sprintf(`(() => {
		const button = [...document.querySelectorAll("#break-kinds button")].find(b => b.querySelector("strong").textContent === %q);
		button?.click();
		return Boolean(button);
	})()`, kind), `document.querySelector("#break-kinds").textContent`)
	browser.Equal(t, tab, `document.querySelector("#faults [data-text=kind]")?.textContent`, kind)
}

// revert ends the only fault in force.
func revert(t *testing.T, tab context.Context) {
	t.Helper()
	browser.Do(t, tab, chromedp.Click("#faults button"))
	browser.Equal(t, tab, `document.querySelectorAll("#faults li").length`, 0)
}

func hangsAnInstance(t *testing.T, s *stack, tab context.Context) {
	t.Helper()
	id := s.world().Instances[0].ID
	node := fmt.Sprintf(`document.querySelector('.instance[data-key=%q]')`, id)
	press(t, tab, "instance "+id, "instance-hang")
	browser.Equal(t, tab, node+`?.querySelector("[data-text=fault]").textContent`, "instance-hang is in force")
	browser.Await(t, tab, node+`?.dataset.health !== "healthy"`, node+`?.textContent`)
	if faults := s.world().Faults; len(faults) != 1 || faults[0].Target != id {
		t.Errorf("faults after instance-hang was pressed for %s: got %+v, want one", id, faults)
	}
	revert(t, tab)
	if faults := s.world().Faults; len(faults) != 0 {
		t.Errorf("faults after instance-hang was reverted: got %+v, want none", faults)
	}
	browser.Await(t, tab, `document.querySelectorAll(".instance[data-health=healthy]").length >= 3`, `document.querySelector("#zones").textContent`)
}

func takesAZoneDown(t *testing.T, s *stack, tab context.Context, cloud string) {
	t.Helper()
	zone := s.world().Zones[2].Name // no database server is in it
	node := fmt.Sprintf(`document.querySelector('.zone[data-key=%q]')`, zone)
	press(t, tab, "zone "+zone, "zone-down")
	browser.Equal(t, tab, node+`.hasAttribute("data-fault")`, true)
	browser.Equal(t, tab, node+`.querySelectorAll(".instance[data-health=healthy]").length`, 0)
	message := `[...document.querySelectorAll("#events [data-kind=fault] [data-text=message]")].map(e => e.textContent)`
	browser.Await(t, tab, fmt.Sprintf("%s.includes(%q)", message, "fault zone-down of "+zone+" begins"), message)
	photograph(t, s, tab, cloud)
	revert(t, tab)
	browser.Equal(t, tab, node+`.hasAttribute("data-fault")`, false)
	browser.Await(t, tab, fmt.Sprintf("%s.includes(%q)", message, "fault zone-down of "+zone+" ends"), message)
}

// photograph keeps what the page looks like with a zone down, on a desktop and
// on a phone.
func photograph(t *testing.T, s *stack, tab context.Context, cloud string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(s.root, "out"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{375, 1280} {
		browser.Do(t, tab, chromedp.EmulateViewport(width, 1000))
		browser.Equal(t, tab, `document.documentElement.scrollWidth - innerWidth`, 0)
		shot, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(s.root, "out", fmt.Sprintf("console-%s-%d.png", cloud, width))
		if err := os.WriteFile(name, shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// printsTheSameEvents compares the log in the terminal with the page's.
func printsTheSameEvents(t *testing.T, s *stack, address string) {
	t.Helper()
	out, err := s.command(t.Context(), filepath.Join(s.root, "bin/localcloud"), "events", "--json").Output()
	if err != nil {
		t.Fatalf("localcloud events: %v", err)
	}
	var printed []world.Event
	for lines := json.NewDecoder(bytes.NewReader(out)); lines.More(); {
		var e world.Event
		if err := lines.Decode(&e); err != nil {
			t.Fatalf("localcloud events prints no JSON: %v\n%s", err, out)
		}
		printed = append(printed, e)
	}
	var shown []world.Event
	if err := json.Unmarshal(get(t, address+"api/events?stack="+s.world().Stack), &shown); err != nil {
		t.Fatal(err)
	}
	// More may have happened since the first was read.
	if len(printed) == 0 || len(shown) < len(printed) {
		t.Fatalf("events: %d are printed, %d shown", len(printed), len(shown))
	}
	if diff := cmp.Diff(printed, shown[:len(printed)]); diff != "" {
		t.Errorf("events (-printed +shown):\n%s", diff)
	}
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %d (%v)", address, resp.StatusCode, err)
	}
	return body
}

// tellsNoSecret asks for everything that the console tells.
func tellsNoSecret(t *testing.T, s *stack, address string) {
	t.Helper()
	passphrase, err := os.ReadFile(s.state.Pulumi("passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"api/status", "api/history?stack=" + s.world().Stack, "api/events?stack=" + s.world().Stack} {
		body := get(t, address+path)
		for _, secret := range []string{s.token, strings.TrimSpace(string(passphrase))} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("GET %s tells a secret", path)
			}
		}
	}
}

// isNotOutside tries the console's port at every address of the machine.
func isNotOutside(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		ip := a.(*net.IPNet).IP
		if ip.IsLoopback() && ip.To4() != nil || ip.IsLinkLocalUnicast() {
			continue
		}
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.String(), u.Port()), time.Second)
		if err == nil {
			_ = conn.Close()
			t.Errorf("the console listens at %s", conn.RemoteAddr())
		}
	}
}
