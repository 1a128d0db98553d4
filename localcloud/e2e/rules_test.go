package e2e

import (
	"context"
	"errors"
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

// TestRuleRemoved takes rules out of a stack that is up. Each makes its path
// fail and no other, and the status names it until it is back.
func TestRuleRemoved(t *testing.T) {
	t.Parallel()
	for cloud, removals := range map[string][]removal{
		"aws": {
			{
				set("Route::app-eu-central-1b", map[string]any{"destinationCidrBlock": "203.0.113.0/24"}), "group orchard-dev-app to the internet",
				[]string{"eu-central-1b"},
				"route table app-eu-central-1b (rtb-", running,
			},
			{otherPort("SecurityGroupIngressRule::database-app"), "group orchard-dev-app to database", nil, "no ingress rule for port 5432 from security group app (sg-", running},
			{otherPort("SecurityGroupIngressRule::balancer-clients"), "clients to balancer", nil, "no ingress rule for port 80", hanging},
			{otherPort("SecurityGroupIngressRule::app-balancer"), "balancer public", nil, "no ingress rule for port 8080 from security group balancer (sg-", timedOut},
		},
		"azure": {
			{withoutRule("database", "database-app"), "group", nil, "the rule nothing-else-Inbound (priority 4096) of network security group database", running},
			{withoutRule("app", "app-clients"), "clients through balancer", nil, "allows inbound TCP on port 8080 from Internet", hanging},
			{withoutRule("app", "app-balancer"), "health check of", nil, "allows inbound TCP on port 8080 from AzureLoadBalancer", timedOut},
		},
	} {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			s := newStack(t)
			var now atomic.Pointer[edit]
			run := s.startMisdeclaring(cloud, func(urn string, inputs *structpb.Struct) {
				if edit := now.Load(); edit != nil {
					(*edit)(urn, inputs)
				}
			})
			up := func() {
				t.Helper()
				if out, err := run(); err != nil {
					t.Fatalf("deploy up: %v\n%s", err, out)
				}
			}
			up()
			noProblem(s)
			for _, r := range removals {
				now.Store(&r.edit)
				up()
				s.named(r)
				s.eventually(r.want, time.Minute, func() (bool, string) { return r.seen(s) })
				now.Store(nil)
				up()
				noProblem(s)
			}
		})
	}
}

func noProblem(s *stack) {
	s.t.Helper()
	s.eventually("no problem", time.Minute, func() (bool, string) {
		w := s.world()
		told := ""
		for _, p := range w.Problems {
			told += p.Path + ": " + p.Sentence + "\n"
		}
		return len(w.Problems) == 0 && w.Balancers[0].Healthy == len(w.Instances), told
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
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.world().Balancers[0].Address+"/livez", nil)
	if err != nil {
		return false, err.Error()
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err == nil {
		response.Body.Close()
		return false, response.Status
	}
	return errors.Is(err, context.DeadlineExceeded), err.Error()
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
