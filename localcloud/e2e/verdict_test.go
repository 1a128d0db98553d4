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

// TestDrillsFail holds drills on stacks that are broken on purpose, each in a way that
// the drill is there to find: a verdict that cannot fail says nothing.
func TestDrillsFail(t *testing.T) {
	t.Parallel()
	stacks := []broken{
		{"a database without a standby", "aws", "database-kill", "no standby has taken over", misdeclared(set("aws:rds/instance:Instance::database", map[string]any{"multiAz": false}))},
	}
	if *long {
		stacks = append(stacks, []broken{
			{"a single zone", "aws", "zone-loss", "clients saw a gap", misdeclared(oneSubnet)},
			{"no health check of the balancer", "aws", "instance-hang", "not whole again", misdeclared(set("aws:autoscaling/group:Group::app", map[string]any{"healthCheckType": "EC2"}))},
			{"no idempotency", "aws", "instance-hang", "were carried out twice", forgetful},
			{"a database without a standby", "azure", "database-kill", "no standby has taken over", misdeclared(set("Server::database", map[string]any{"highAvailability": map[string]any{"mode": "Disabled"}}))},
			{"a single zone", "azure", "zone-loss", "clients saw a gap", misdeclared(set("VirtualMachineScaleSet::app", map[string]any{"zones": []any{"1"}}))},
			{"no idempotency", "azure", "instance-kill", "were carried out twice", forgetful},
		}...)
	}
	for _, b := range stacks {
		t.Run(b.cloud+"/"+b.name, func(t *testing.T) {
			s := newStack(t, "CLOUD="+b.cloud)
			b.up(s, b.cloud)
			verdict, reasons := s.drill(b.cloud, b.drill)
			for n := 1; verdict == "inconclusive" && n < attempts; n++ {
				verdict, reasons = s.drill(b.cloud, b.drill)
			}
			if verdict != "fail" || !strings.Contains(strings.Join(reasons, "; "), b.reason) {
				t.Errorf("verdict of %s: got %s %q, want fail, as %s", b.drill, verdict, reasons, b.reason)
			}
		})
	}
}

// broken is a stack with something wrong, the drill that finds it, and how it is
// brought up.
type broken struct {
	name, cloud, drill, reason string
	up                         func(s *stack, cloud string)
}

// misdeclared brings up what the program would declare if somebody had written it
// wrongly.
func misdeclared(e edit) func(*stack, string) {
	return func(s *stack, cloud string) {
		if out, err := s.startMisdeclaring(cloud, "40", e)(); err != nil {
			s.t.Fatalf("deploy up: %v\n%s", err, out)
		}
		s.url = s.outputs()["url"].(string)
	}
}

// oneSubnet leaves a group the first of its subnets.
func oneSubnet(urn string, inputs *structpb.Struct) {
	subnets := inputs.GetFields()["vpcZoneIdentifiers"].GetListValue()
	if strings.Contains(urn, "aws:autoscaling/group:Group::") && len(subnets.GetValues()) > 1 {
		subnets.Values = subnets.Values[:1]
	}
}

// attempts is how many times a drill is held that shows nothing, as it may while the
// tests beside it keep the machine busy.
const attempts = 3

// drill holds a drill on the stack, which does not pass it, and returns its verdict with
// the reasons.
func (s *stack) drill(cloud, name string) (verdict string, reasons []string) {
	s.t.Helper()
	folder := s.t.TempDir()
	cmd := s.command(s.t.Context(), filepath.Join(s.root, "bin/loadrunner"), "drill", "run",
		filepath.Join(s.root, "loadrunner/drills", name+".yaml"), "--state", string(s.state), "--url", s.url, "--out", folder)
	cmd.Env = append(cmd.Env, "ORCHARD_WRITE_TOKEN="+strings.TrimSpace(s.make("token")))
	out, ended := cmd.CombinedOutput()
	s.t.Logf("%s", out)
	text, err := os.ReadFile(filepath.Join(folder, cloud+"-"+name+".json"))
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
	status := map[string]int{"fail": 1, "inconclusive": 2}[v.Verdict]
	if exit, ok := ended.(*exec.ExitError); !ok || exit.ExitCode() != status {
		s.t.Errorf("drill %s, which is %s: got %v, want exit status %d", name, v.Verdict, ended, status)
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
