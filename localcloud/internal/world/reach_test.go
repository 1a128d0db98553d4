package world

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// fleet is a world with a group of two instances, in zones a and b, a balancer
// that leads to them and a database.
func fleet(t *testing.T) *World {
	t.Helper()
	w := openWorld(t, worldFolder(t))
	w.declared = Declared{
		Zones: []string{"a", "b"}, FaultsStopOpen: true,
		Balancers: map[string]Balancer{"b": {ID: "b", Zones: []string{"a", "b"}}},
		Databases: map[string]Database{"d": {ID: "d"}},
		Groups:    map[string]Group{"g": {ID: "g"}},
	}
	w.state.Instances["one"] = &Instance{ID: "one", Group: "g", Zone: "a", Address: "127.0.1.4"}
	w.state.Instances["two"] = &Instance{ID: "two", Group: "g", Zone: "b", Address: "127.0.2.4"}
	return w
}

var crossing = lead{balancer: "b", pool: "p", crossZone: true}

func check(l lead) lead { l.check = true; return l }

// ended is a context that is over, for dials that would hang.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestDialerHangsWithoutAWay(t *testing.T) {
	t.Parallel()
	everywhere := func(why string) Blocks { return Blocks{{Zone: "a", End: "p"}: {Why: why}} }
	for name, c := range map[string]struct {
		change           func(*World)
		requests, checks string // what keeps each from zone a
	}{
		"open":            {func(*World) {}, "", ""},
		"rule":            {func(w *World) { w.declared.Groups["g"] = Group{BlockedFrom: everywhere("no rule")} }, "no rule", ""},
		"rule for checks": {func(w *World) { w.declared.Groups["g"] = Group{BlockedChecks: everywhere("no rule")} }, "", "no rule"},
		"fault":           {func(w *World) { w.state.Faults = []Fault{{Kind: PortBlocked, Target: "a"}} }, "fault port-blocked of a is in force", "fault port-blocked"},
		"another fault":   {func(w *World) { w.state.Faults = []Fault{{Kind: DatabaseBlocked, Target: "a"}} }, "", ""},
		"another zone's":  {func(w *World) { w.state.Faults = []Fault{{Kind: PortBlocked, Target: "b"}} }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fleet(t)
			c.change(w)
			for l, want := range map[lead]string{crossing: c.requests, check(crossing): c.checks} {
				if _, got := w.toInstance(l, "127.0.1.4:8080"); !strings.HasPrefix(got, want) || want == "" && got != "" {
					t.Errorf("check %t: kept from zone a by %q, want %q", l.check, got, want)
				}
				if want == "" {
					continue
				}
				if _, err := w.dialer(l)(ended(), "tcp", "127.0.1.4:8080"); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), want) {
					t.Errorf("check %t: dial got %v, want it to end with its context and to say %q", l.check, err, want)
				}
			}
		})
	}
}

func TestDatabasePath(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*World)
		want    string // what keeps zone a from the database
		refused bool   // it is told as what the program lacks
	}{
		"open": {func(*World) {}, "", false},
		"rule": {func(w *World) {
			w.declared.Groups["g"] = Group{Blocked: Blocks{{Zone: "a", End: "d"}: {Why: "no rule"}}}
		}, "no rule", true},
		"fault":          {func(w *World) { w.state.Faults = []Fault{{Kind: DatabaseBlocked, Target: "a"}} }, "fault database-blocked of a is in force", false},
		"another zone's": {func(w *World) { w.state.Faults = []Fault{{Kind: DatabaseBlocked, Target: "b"}} }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fleet(t)
			c.change(w)
			err := w.allowInstance(nil, "one", "d")
			if got := errorText(err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := w.actual.refused["g"].why != ""; got != c.refused {
				t.Errorf("told as a problem: got %t, want %t", got, c.refused)
			}
			if err := w.allowInstance(nil, "one", DestObjects); err != nil {
				t.Errorf("the object store: got %v, want no error", err)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestEntrance(t *testing.T) {
	t.Parallel()
	b := Balancer{Zones: []string{"a", "b", "c"}}
	var e entrance
	count := func() (refused int) {
		for range 30 {
			if e.allow(nil) != nil {
				refused++
			}
		}
		return refused
	}
	for _, c := range []struct {
		name   string
		blocks Blocks
		want   int // of 30 clients
	}{
		{"open", nil, 0},
		{"a node", Blocks{{Zone: "b", End: "l"}: {Why: "no rule"}}, 10},
		{"all nodes", Blocks{{End: "l"}: {Why: "no rule"}}, 30},
		{"another listener", Blocks{{End: "m"}: {Why: "no rule"}}, 0},
	} {
		b.Blocked = c.blocks
		e.set(b, "l")
		if got := count(); got != c.want {
			t.Errorf("%s: got %d of 30 clients refused, want %d", c.name, got, c.want)
		}
	}
}

func TestFaultsThatShareAnAction(t *testing.T) {
	t.Parallel()
	if _, err := faultKind(disrupt); err == nil || !strings.Contains(err.Error(), PortBlocked) || !strings.Contains(err.Error(), DatabaseBlocked) {
		t.Errorf("fault %s: got %v, want an error that names both faults", disrupt, err)
	}
	if k, err := faultKind("aws:ec2:terminate-instances"); err != nil || k.Name != InstanceKill {
		t.Errorf("an action of one fault: got %s, %v; want %s", k.Name, err, InstanceKill)
	}
}
