package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
)

// TestDrillsFail holds drills on stacks that are declared wrongly on purpose, each in
// a way that the drill is there to find: a verdict that cannot fail says nothing.
func TestDrillsFail(t *testing.T) {
	t.Parallel()
	wrong := []misdeclared{
		{"a database without a standby", "database-kill", "no standby has taken over", set("aws:rds/instance:Instance::database", map[string]any{"multiAz": false})},
	}
	if *long {
		wrong = append(wrong,
			misdeclared{"a single zone", "zone-loss", "clients saw a gap", oneSubnet},
			misdeclared{"no health check of the balancer", "instance-hang", "not whole again", set("aws:autoscaling/group:Group::app", map[string]any{"healthCheckType": "EC2"})})
	}
	for _, c := range wrong {
		t.Run(c.name, func(t *testing.T) {
			s := newStack(t)
			out, err := s.startMisdeclaring("aws", "40", c.edit)()
			if err != nil {
				t.Fatalf("deploy up: %v\n%s", err, out)
			}
			s.url = s.outputs()["url"].(string)
			verdict, reasons := s.drill(c.drill)
			if verdict != "fail" || !strings.Contains(strings.Join(reasons, "; "), c.reason) {
				t.Errorf("verdict of %s: got %s %q, want fail, as %s", c.drill, verdict, reasons, c.reason)
			}
		})
	}
}

// misdeclared is a stack with something wrong, the drill that finds it, and how.
type misdeclared struct {
	name, drill, reason string
	edit                edit
}

// oneSubnet leaves a group the first of its subnets.
func oneSubnet(urn string, inputs *structpb.Struct) {
	subnets := inputs.GetFields()["vpcZoneIdentifiers"].GetListValue()
	if strings.Contains(urn, "aws:autoscaling/group:Group::") && len(subnets.GetValues()) > 1 {
		subnets.Values = subnets.Values[:1]
	}
}

// drill holds a drill on the stack, and returns its verdict with the reasons.
func (s *stack) drill(name string) (verdict string, reasons []string) {
	s.t.Helper()
	folder := s.t.TempDir()
	cmd := s.command(s.t.Context(), filepath.Join(s.root, "bin/loadrunner"), "drill", "run",
		filepath.Join(s.root, "loadrunner/drills", name+".yaml"), "--state", string(s.state), "--url", s.url, "--out", folder)
	cmd.Env = append(cmd.Env, "ORCHARD_WRITE_TOKEN="+strings.TrimSpace(s.make("token")))
	out, err := cmd.CombinedOutput()
	s.t.Logf("%s", out)
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		s.t.Errorf("drill %s: got %v, want exit status 1", name, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "aws-"+name+".json"))
	if err != nil {
		s.t.Fatal(err)
	}
	var v struct {
		Verdict string   `json:"verdict"`
		Reasons []string `json:"reasons"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		s.t.Fatal(err)
	}
	return v.Verdict, v.Reasons
}

// TestDrillKilled kills a drill while its fault is in force: what it has written down
// is enough to leave nothing behind.
func TestDrillKilled(t *testing.T) {
	t.Parallel()
	s := newStack(t, "TIMESCALE=60", "DETECTION=2s")
	s.up()
	s.healthy(3)
	folder := t.TempDir()
	loadrunner := filepath.Join(s.root, "bin/loadrunner")
	cmd := s.command(t.Context(), loadrunner, "drill", "run", filepath.Join(s.root, "loadrunner/drills/zone-loss.yaml"),
		"--state", string(s.state), "--url", s.url, "--out", folder)
	cmd.Env = append(cmd.Env, "ORCHARD_WRITE_TOKEN="+s.token)
	var said transcript
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("the fault", 3*time.Minute, func() (bool, string) { return len(s.world().Faults) > 0, said.String() })
	kill(t, cmd.Process.Pid)
	if err := cmd.Wait(); err == nil {
		t.Error("a killed drill: got no error")
	}
	if out, err := s.command(t.Context(), loadrunner, "drill", "clean", "--state", string(s.state), "--out", folder).CombinedOutput(); err != nil {
		t.Fatalf("drill clean: %v\n%s", err, out)
	}
	if faults := s.world().Faults; len(faults) != 0 {
		t.Errorf("faults after the clean-up: got %+v, want none", faults)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "undo-*")); err != nil || len(left) > 0 {
		t.Errorf("undos after the clean-up: got %v, %v, want none", left, err)
	}
	s.healthy(3)
}
