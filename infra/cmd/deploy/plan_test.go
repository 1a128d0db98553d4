package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orchard/infra/internal/planned"
)

// TestPlan plans a service twice and with another port, which every rule on
// the way from clients shows and no other does.
func TestPlan(t *testing.T) {
	_, port := startProvider(t)
	b := newBench(t, port)
	first := b.plan(plan{name: "dev", stack: "dev"})
	if diff := cmp.Diff(first, b.plan(plan{name: "dev", stack: "dev"})); diff != "" {
		t.Errorf("the same plan twice (-first +second):\n%s", diff)
	}
	second := b.plan(plan{name: "dev", stack: "dev", set: map[string]string{"listenerPort": "8443"}})
	rules := section(second, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule balancer-clients")
	if !strings.Contains(rules, "fromPort: 8443\n") || !strings.Contains(rules, "toPort: 8443\n") {
		t.Errorf("rule for clients with another listener port:\n%s\nwant both its ports 8443", rules)
	}
	const inside = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule database-app"
	if diff := cmp.Diff(section(first, inside), section(second, inside)); diff != "" || section(first, inside) == "" {
		t.Errorf("rule of the database with another listener port (-before +after):\n%s\nwant it the same and there:\n%s", diff, section(first, inside))
	}
	if diff := cmp.Diff([]string{}, b.stacks()); diff != "" {
		t.Errorf("stacks after planning (-want +got):\n%s", diff)
	}
}

// TestPlanRunner plans a load runner whose service is not up, without its token.
func TestPlanRunner(t *testing.T) {
	_, port := startProvider(t)
	b := newBench(t, port)
	text := b.plan(plan{name: "load", stack: "load"})
	if strings.Contains(text, planned.WriteToken) {
		t.Error("the plan shows the write token")
	}
	if object := section(text, "aws:s3/bucketObjectv2:BucketObjectv2 token"); !strings.Contains(object, "content: <secret>\n") {
		t.Errorf("object of the token: got\n%s\nwant its content secret", object)
	}
	if want := `url: "http://loadbalancer-public.elb.amazonaws.com:8080"`; !strings.Contains(text, want) {
		t.Errorf("got no %s in\n%s", want, section(text, "pulumi:pulumi:Stack orchard-load"))
	}
}

// TestPlanLeavesStacksAlone refuses a backend in which the stack is up.
func TestPlanLeavesStacksAlone(t *testing.T) {
	p, port := startProvider(t)
	b := newBench(t, port)
	if _, _, err := b.run("up"); err != nil {
		t.Fatal(err)
	}
	up := p.count()
	_, err := plan{name: "dev", stack: "dev"}.text(t.Context(), b.options())
	if err == nil || !strings.Contains(err.Error(), "a plan starts from nothing") || p.count() != up {
		t.Errorf("plan of a stack that is up: got error %v and %d of %d resources, want a refusal and all", err, p.count(), up)
	}
}

func (b *bench) options() *options {
	return &options{project: b.project, color: "never", stdout: io.Discard, stderr: io.Discard}
}

func (b *bench) plan(p plan) string {
	b.t.Helper()
	text, err := p.text(b.t.Context(), b.options())
	if err != nil {
		b.t.Fatal(err)
	}
	return text
}

// stacks are the files of the backend's stacks.
func (b *bench) stacks() []string {
	b.t.Helper()
	backend, _, _ := strings.Cut(strings.TrimPrefix(os.Getenv("PULUMI_BACKEND_URL"), "file://"), "?")
	found, err := filepath.Glob(filepath.Join(backend, ".pulumi/stacks/orchard/*.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	return append([]string{}, found...)
}

// section is the part of a plan's text that is of one resource.
func section(text, title string) string {
	_, after, found := strings.Cut(text, "\n  "+title+"\n")
	if !found {
		return ""
	}
	section, _, _ := strings.Cut(after, "\n\n")
	return section + "\n"
}
