package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	"orchard/localcloud/internal/world"
)

// removal is a rule that somebody takes out of a program whose stack is up.
type removal struct {
	edit  edit
	path  string   // that it blocks, how its name begins
	zones []string // where; none is everywhere
	want  string   // in the sentence about it
	seen  func(*stack) (bool, string)
}

// removals are those of each program.
var removals = map[string][]removal{
	"aws": {
		{
			set("Route::app-eu-central-1b", map[string]any{"destinationCidrBlock": "203.0.113.0/24"}),
			"group orchard-dev-app to the internet",
			[]string{"eu-central-1b"},
			"route table app-eu-central-1b (rtb-", running,
		},
		{
			otherPort("SecurityGroupIngressRule::database-app"),
			"group orchard-dev-app to database", nil, "no ingress rule for port 5432 from security group app (sg-", running,
		},
		{
			otherPort("SecurityGroupIngressRule::balancer-clients"),
			"clients to balancer", nil, "no ingress rule for port 80", hanging,
		},
		{
			otherPort("SecurityGroupIngressRule::app-balancer"),
			"balancer public", nil, "no ingress rule for port 8080 from security group balancer (sg-", timedOut,
		},
	},
	"azure": {
		{
			withoutRule("database", "database-app"),
			"group", nil, "the rule nothing-else-Inbound (priority 4096) of network security group database", running,
		},
		{
			withoutRule("app", "app-clients"),
			"clients through balancer", nil, "allows inbound TCP on port 8080 from Internet", hanging,
		},
		{
			withoutRule("app", "app-balancer"),
			"health check of", nil, "allows inbound TCP on port 8080 from AzureLoadBalancer", timedOut,
		},
	},
}

// TestPaths blocks the paths of stacks that are up, by the program and by
// faults.
func TestPaths(t *testing.T) {
	t.Parallel()
	for cloud := range removals {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			var now atomic.Pointer[edit]
			up := s.startMisdeclaring(cloud, "10", func(urn string, inputs *structpb.Struct) {
				if edit := now.Load(); edit != nil {
					(*edit)(urn, inputs)
				}
			})
			s.wrote(up())
			noProblem(s)
			t.Run("port blocked", func(t *testing.T) { portBlocked(s.in(t)) })
			t.Run("database blocked", func(t *testing.T) { databaseBlocked(s.in(t), cloud) })
			for _, r := range removals[cloud] {
				t.Run(r.path, func(t *testing.T) { s.in(t).remove(r, &now, up) })
			}
		})
	}
}

// wrote wants a run of deploy to have ended well.
func (s *stack) wrote(out string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("deploy up: %v\n%s", err, out)
	}
}

// remove takes a rule out of the program. Its path fails and no other, and the
// status names the rule until it is back.
func (s *stack) remove(r removal, now *atomic.Pointer[edit], up func() (string, error)) {
	now.Store(&r.edit)
	s.wrote(up())
	s.named(r)
	s.eventually(r.want, time.Minute, func() (bool, string) { return r.seen(s) })
	now.Store(nil)
	s.wrote(up())
	noProblem(s)
}

func portBlocked(s *stack) {
	zone := s.world().Zones[1].Name
	defer s.during("port-blocked", zone)()
	s.eventually("the balancer has lost the zone and no other", time.Minute, func() (bool, string) {
		zones := s.world().Zones
		return zones[0].Healthy > 0 && zones[1].Healthy == 0 && zones[2].Healthy > 0, fmt.Sprintf("%+v", zones)
	})
}

// answersWithin is how long an instance has for an answer: not long where none may
// come, and long where one must.
var answersWithin = map[string]time.Duration{"aws": 2 * time.Second, "azure": 20 * time.Second}

// databaseBlocked asks an instance past the balancer. On AWS the connections
// that it has open are stopped; on Azure they go on.
func databaseBlocked(s *stack, cloud string) {
	i := s.world().Instances[1]
	serves := func() (bool, string) {
		got := answerOf("http://"+i.Address+":8080/api/v1/fruit/", answersWithin[cloud])
		return got == "200 OK", got
	}
	s.eventually("the instance serves", time.Minute, serves)
	end := s.during("database-blocked", i.Zone)
	if ok, got := serves(); ok != (cloud == "azure") {
		s.t.Errorf("instance %s whose zone is kept from the database: got %s", i.ID, got)
	}
	end()
	s.eventually("the instance serves again", time.Minute, serves)
}

// during begins a fault in a zone, and answers a function that ends it and waits
// until the stack is whole.
func (s *stack) during(kind, zone string) (end func()) {
	s.t.Helper()
	localcloud := filepath.Join(s.root, "bin/localcloud")
	if out, err := s.command(s.t.Context(), localcloud, "fault", kind, zone).CombinedOutput(); err != nil {
		s.t.Fatalf("fault %s %s: %v\n%s", kind, zone, err, out)
	}
	return func() {
		if out, err := s.command(s.t.Context(), localcloud, "fault", "end", "all").CombinedOutput(); err != nil {
			s.t.Errorf("fault end all: %v\n%s", err, out)
		}
		noProblem(s)
	}
}

// answerOf is the status of an answer, or why there was none in time.
func answerOf(url string, within time.Duration) string {
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: within}).Get(url)
	if err != nil {
		return err.Error()
	}
	response.Body.Close()
	return response.Status
}

func noProblem(s *stack) {
	s.t.Helper()
	s.eventually("no problem", time.Minute, func() (bool, string) {
		w := s.world()
		told := ""
		for _, p := range w.Problems {
			told += p.Path + ": " + p.Sentence + "\n"
		}
		return len(w.Problems) == 0 && w.Balancers[0].Healthy >= 3 && w.Balancers[0].Healthy == len(w.Instances), told
	})
}

// named wants the missing rule in the status, as JSON and as text.
func (s *stack) named(r removal) {
	s.t.Helper()
	problems := s.world().Problems
	i := slices.IndexFunc(problems, func(p world.Problem) bool {
		return strings.HasPrefix(p.Path, r.path) && strings.Contains(p.Sentence, r.want)
	})
	if i < 0 || r.zones != nil && !slices.Equal(problems[i].Zones, r.zones) {
		s.t.Errorf("problems: got %+v, want one of %s in zones %v with %q", problems, r.path, r.zones, r.want)
	}
	out, err := s.command(s.t.Context(), filepath.Join(s.root, "bin/localcloud"), "status").Output()
	if err != nil || !strings.Contains(string(out), r.want) {
		s.t.Errorf("localcloud status: %v: got\n%s\nwant %q in it", err, out, r.want)
	}
}

// running is a stack whose instances do not suffer: they have what they need.
func running(s *stack) (bool, string) {
	w := s.world()
	return len(w.Balancers) == 1 && w.Balancers[0].Healthy >= 3, w.Balancers[0].Address
}

// hanging is a listener that takes connections and answers nothing.
func hanging(s *stack) (bool, string) {
	got := answerOf("http://"+s.world().Balancers[0].Address+"/livez", time.Second)
	return strings.Contains(got, "Client.Timeout exceeded"), got
}

// timedOut is a pool without a healthy target, by checks that got no answer.
func timedOut(s *stack) (bool, string) {
	w := s.world()
	seen := ""
	for _, i := range w.Instances {
		seen += i.ID + " " + i.Health + "; "
	}
	return w.Balancers[0].Healthy == 0, seen
}
