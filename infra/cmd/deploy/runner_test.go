package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestRunner takes a load runner up beside its service: it has the service's
// url and token, and does not go up before it.
func TestRunner(t *testing.T) {
	_, port := startProvider(t)
	b := newBench(t, port)
	if _, _, err := b.run("up", "--stack", "load"); err == nil || !strings.Contains(err.Error(), "stack dev, whose service the load runner asks, is not there; take it up first") {
		t.Errorf("runner before its service: got error %v", err)
	}
	if _, _, err := b.run("up"); err != nil {
		t.Fatal(err)
	}
	out, _, err := b.run("up", "--stack", "load", "--answer")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, "load balancer ") || !strings.Contains(out, "results ") {
		t.Errorf("up prints\n%s\nwant no load balancer, and where results are", out)
	}
	token := func(args ...string) string {
		text, _, err := b.run(append([]string{"token"}, args...)...)
		if err != nil {
			t.Error(err)
		}
		return text
	}
	if own, service := token("--stack", "load"), token(); own != service || own == "" {
		t.Error("the runner's write token is not its service's")
	}
	var values struct{ URL, ResultsLocation string }
	text, _, err := b.run("outputs", "--stack", "load")
	if err != nil || json.Unmarshal([]byte(text), &values) != nil {
		t.Fatalf("outputs: %v\n%s", err, text)
	}
	if values.URL != "http://loadbalancer-public.elb.amazonaws.com:8080" || values.ResultsLocation != "s3://bucketv2-store/results/load" {
		t.Errorf("outputs: got %+v, want the service's url and the runner's bucket", values)
	}
	for _, stack := range []string{"load", "dev"} {
		if _, _, err := b.run("down", "--stack", stack); err != nil {
			t.Error(err)
		}
	}
}
