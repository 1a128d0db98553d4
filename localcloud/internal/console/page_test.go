package console

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"orchard/localcloud/internal/browser"
	"orchard/localcloud/internal/world"
)

// threeZones is a world in which there is one of everything.
func threeZones() *drawn {
	zones, lag := []string{"here-a", "here-b", "here-c"}, 1.5
	status := world.Status{
		Stack: "dev", Cloud: "drawn", Region: "here", Faults: []world.Fault{},
		Problems: []world.Problem{{Path: "clients to balancer public", Zones: []string{"here-a"}, Sentence: "no rule lets them in"}},
		Groups: []world.GroupStatus{{
			ID: "g", Name: "app", Min: 3, Desired: 3, Max: 6, Healthy: 2, TemplateVersion: 2, RepairsSuspended: true,
			Load:    &world.LoadStatus{CPU: 12, Requests: 600},
			Alarms:  []world.AlarmStatus{{Policy: "cpu", High: "alarm", Low: "ok"}},
			Rollout: &world.RolloutStatus{Version: 2, Status: "rolling", Updated: 1, Old: 2},
		}},
		Balancers: []world.BalancerStatus{{ID: "l", Name: "public", Address: "127.0.0.9:80", Layer: 7, Targets: 3, Healthy: 2}},
		Databases: []world.DatabaseStatus{{ID: "d", Name: "fruit", Endpoint: "127.0.0.9:5432", RunningVersion: "15.1", Servers: []world.ServerStatus{
			{Role: "primary", Zone: zones[0], PID: 1}, {Role: "standby", Zone: zones[1], PID: 2, Sync: "sync", Lag: &lag},
		}}},
	}
	for n, zone := range zones {
		health := []string{"healthy", "unhealthy", "healthy"}[n]
		status.Zones = append(status.Zones, world.ZoneStatus{Name: zone, Instances: 1, Healthy: 1 - n%2})
		status.Instances = append(status.Instances, world.InstanceStatus{
			ID: fmt.Sprintf("i-%d", n+1), Group: "app", Zone: zone, Address: "127.0.0.1", State: "in service", Health: health, Own: health,
			PID: 1, TemplateVersion: 1 + n%2, Launched: time.Now().Unix(),
		})
	}
	d := &drawn{status: status}
	now := time.Now().Unix()
	for second := now - 60; second < now; second++ {
		d.samples = append(d.samples, world.Sample{
			Time: second, Requests: 40, Errors: 3, InFlight: 7, P50: 2, P99: 9, Desired: 3, Healthy: 2, InService: 3,
			Zones:     map[string]int{zones[0]: 1, zones[1]: 0, zones[2]: 1},
			Databases: []world.DatabaseSample{failover(zones, now-second)},
		})
	}
	d.events = []world.Event{
		{Number: 1, Time: time.Now(), Kind: "instance", ID: "i-1", Message: "begins"},
		{Number: 2, Time: time.Now(), Kind: "database", ID: "d", Message: "<img src=x onerror=document.title='run'>"},
	}
	return d
}

// failover is where a database was some seconds ago: it has failed over from
// the second zone to the first.
func failover(zones []string, before int64) world.DatabaseSample {
	lag := 1.5
	switch {
	case before > 40:
		return world.DatabaseSample{Name: "fruit", Primary: zones[1], Standby: zones[0], Synced: true, Lag: &lag}
	case before > 30:
		return world.DatabaseSample{Name: "fruit"}
	case before > 20:
		return world.DatabaseSample{Name: "fruit", Primary: zones[0], Standby: zones[1]}
	}
	return world.DatabaseSample{Name: "fruit", Primary: zones[0], Standby: zones[1], Synced: true, Lag: &lag}
}

// look opens the console of a source in a browser, and returns its tab.
func look(t *testing.T, source Source, width, height int) context.Context {
	t.Helper()
	tab := browser.Open(t, width, height)
	browser.Visit(t, tab, "http://"+open(t, source)+"/")
	browser.Do(t, tab, chromedp.EmulateViewport(int64(width), int64(height)), chromedp.WaitVisible("#zones .zone"))
	return tab
}

func TestPageShowsAWorld(t *testing.T) {
	t.Parallel()
	tab := look(t, threeZones(), 1280, 900)
	browser.Equal(t, tab, `[...document.querySelectorAll("#zones h3")].map(z => z.textContent).join()`, "here-a,here-b,here-c")
	for selector, want := range map[string]string{
		"#zones .zone:nth-child(1) .instances [data-text=id]":    "i-1",
		"#zones .zone:nth-child(1) [data-text=version]":          "version 1, not 2",
		"#zones .zone:nth-child(2) .instances [data-text=state]": "unhealthy",
		"#zones .zone:nth-child(1) .servers [data-text=role]":    "Primary",
		"#databases [data-text=roles]":                           "Primary in here-a, standby in here-b",
		"#zones .zone:nth-child(2) .servers [data-text=detail]":  "PostgreSQL 15.1 · replicates sync, 1.5 ms behind",
		"#zones .zone:nth-child(2) header [data-text=count]":     "0 of 1 healthy",
		"#groups [data-text=size]":                               "2 healthy of 3 desired, from 3 to 6",
		"#groups [data-text=rollout]":                            "Roll-out of version 2 is rolling, 1 updated, 2 to go",
		"#groups .chip.warn":                                     "high alarm",
		"#groups [data-text=repairs]":                            "Repairs are suspended: they have not helped too often",
		"#events li:first-child [data-text=message]":             "<img src=x onerror=document.title='run'>",
		"title": "dev · Orchard console",
		"#live": "live",
	} {
		browser.Equal(t, tab, fmt.Sprintf(`document.querySelector(%q)?.textContent`, selector), want)
	}
	browser.Do(t, tab, chromedp.SendKeys("#event-text", "BEGINS"))
	browser.Equal(t, tab, `[...document.querySelectorAll("#events [data-text=id]")].map(e => e.textContent).join()`, "i-1")
}

// figures are the rows of charts, and what each legend says.
const figures = `[...document.querySelectorAll("#charts .chart")].map((c) => [c.querySelector("[data-text=row]").textContent,
	...[...c.querySelectorAll(".legend b")].map((b) => b.textContent)].join(" ")).join("\n")`

// The rows are those of the dashboards, in their order: infra/internal/watch.
func TestChartsAreTheRowsOfTheDashboards(t *testing.T) {
	t.Parallel()
	source := threeZones()
	tab := look(t, source, 1280, 900)
	browser.Equal(t, tab, figures, `Traffic 40
Errors 3
Latency 2 9
Healthy by zone 1 0 1
Capacity against desired 2 3 3
Database role and lag a b –
Database role and lag 1.5
Saturation –
Saturation 7`)
	browser.Equal(t, tab, `document.querySelectorAll("#charts canvas").length`, 9)

	source.change(func() {
		last := source.samples[len(source.samples)-1]
		last.Time, last.Databases = time.Now().Unix(), []world.DatabaseSample{{Name: "fruit", Standby: "here-b"}}
		source.samples = append(source.samples, last)
		source.status.Balancers[0].Layer = 4
	})
	browser.Equal(t, tab, figures, `Traffic 40
Errors 3
Latency
Healthy by zone 1 0 1
Capacity against desired 2 3 3
Database role and lag – – b
Database role and lag –
Saturation –
Saturation 7`)
	browser.Equal(t, tab, `document.querySelector(".chart:nth-child(3) [data-text=why]").hidden`, false)
}

// Whatever the width and the scheme, nothing is cut off, everything that can be
// pressed has a name, and text stands out from its ground as WCAG 2.2 asks (1.4.3).
func TestPageIsReadable(t *testing.T) {
	t.Parallel()
	source := threeZones()
	if _, err := source.Inject("zone-hang", "here-b", time.Minute); err != nil {
		t.Fatal(err)
	}
	tab := look(t, source, 1280, 900)
	for _, width := range []int64{1280, 768, 375} {
		for _, scheme := range []string{"light", "dark"} {
			browser.Do(t, tab, chromedp.EmulateViewport(width, 900), browser.Scheme(scheme))
			browser.Equal(t, tab, `matchMedia("(prefers-color-scheme: dark)").matches`, scheme == "dark")
			browser.Equal(t, tab, `document.documentElement.scrollWidth - innerWidth`, 0)
			browser.Equal(t, tab, `[...document.querySelectorAll("button, select, input")].filter(c => c.offsetParent && !(c.labels?.length || c.ariaLabel || c.textContent.trim())).length`, 0)
			browser.Equal(t, tab, contrast, "")
		}
	}
}

// contrast names the texts of the page that stand out by less than 4.5.
const contrast = `(() => {
	const parts = (c) => c.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (node) => {
		for (; node; node = node.parentElement) {
			const c = parts(getComputedStyle(node).backgroundColor);
			if (c.length === 3 || c[3] > 0) return c;
		}
	};
	return [...document.querySelectorAll("p, span, b, strong, h1, h2, h3, button, select, time, label")]
		.filter((n) => n.offsetParent && !n.disabled && [...n.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim()))
		.filter((n) => {
			const [a, b] = [light(parts(getComputedStyle(n).color)), light(ground(n))];
			return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
		}).map((n) => n.textContent).join("; ");
})()`

// A fault is begun and ended with the keyboard alone.
func TestFaultByKeyboard(t *testing.T) {
	t.Parallel()
	tab := look(t, threeZones(), 1280, 900)
	height := `document.querySelector("#zones").getBoundingClientRect().top`
	before, err := chromedp.Run(tab, chromedp.Evaluate[float64](height))
	if err != nil {
		t.Fatal(err)
	}
	browser.Do(t, tab, chromedp.Focus(`[aria-label="Break zone here-b"]`), chromedp.KeyEvent(kb.Enter),
		chromedp.WaitVisible("#break-kinds button"))
	browser.Equal(t, tab, `document.activeElement.id`, "break-for")
	browser.Equal(t, tab, `document.querySelector("#break-title").textContent`, "Break zone here-b")
	browser.Do(t, tab, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	browser.Equal(t, tab, `document.querySelector("#break").open`, false)
	first := world.FaultKinds[0].Name
	for _, k := range world.FaultKinds {
		if k.Target == "zone" {
			first = k.Name
			break
		}
	}
	browser.Equal(t, tab, `document.querySelector("#faults [data-text=kind]")?.textContent`, first)
	browser.Equal(t, tab, `document.querySelectorAll("#zones .zone")[1].hasAttribute("data-fault")`, true)
	browser.Equal(t, tab, height, before) // nothing has moved

	browser.Do(t, tab, chromedp.Focus(`#faults button`), chromedp.KeyEvent(kb.Enter))
	browser.Equal(t, tab, `document.querySelectorAll("#faults li").length`, 0)
	browser.Equal(t, tab, `document.querySelectorAll("#zones .zone")[1].hasAttribute("data-fault")`, false)
}

func TestPageFollowsTheWorld(t *testing.T) {
	t.Parallel()
	source := threeZones()
	tab := look(t, source, 375, 800)
	source.change(func() {
		source.status.Instances = source.status.Instances[1:]
		source.samples = append(source.samples, world.Sample{Time: time.Now().Unix(), Requests: 77})
		source.events = append(source.events, world.Event{Number: 3, Time: time.Now(), Kind: "group", ID: "g", Message: "shrinks"})
	})
	browser.Equal(t, tab, `document.querySelectorAll(".instance").length`, 2)
	browser.Equal(t, tab, `document.querySelector("#charts b").textContent`, "77")
	browser.Equal(t, tab, `document.querySelector("#events li [data-text=message]").textContent`, "shrinks")

	source.change(func() { source.down = true })
	browser.Equal(t, tab, `document.querySelector("#nothing").hidden`, false)
	source.change(func() { source.down = false })
	browser.Equal(t, tab, `document.querySelector("#shown").hidden`, false)
}

func TestPageComesBackWithTheDaemon(t *testing.T) {
	t.Parallel()
	source := threeZones()
	l, stop := serve(t, source, "127.0.0.1:0")
	tab := browser.Open(t, 1280, 900)
	browser.Visit(t, tab, "http://"+l.String()+"/")
	browser.Equal(t, tab, `document.querySelector("#live").textContent`, "live")
	stop()
	browser.Equal(t, tab, `document.querySelector("#live").textContent`, "reconnecting")
	browser.Equal(t, tab, `document.querySelectorAll(".zone").length`, 3) // what was seen last

	source.change(func() { source.status.Zones = source.status.Zones[:2] })
	serve(t, source, l.String())
	browser.Equal(t, tab, `document.querySelector("#live").textContent`, "live")
	browser.Equal(t, tab, `document.querySelectorAll(".zone").length`, 2)
	browser.Equal(t, tab, `document.querySelectorAll("#events li").length`, 2)
}
