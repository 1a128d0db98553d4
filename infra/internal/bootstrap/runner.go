package bootstrap

import (
	"fmt"
	"strings"
	"time"
)

// Runner is what every cloud's script says about a node of a load runner. A
// timer starts a run each minute; each result goes to the store, in a folder of
// its own below the node's, and stays on the node until it is there.
type Runner struct {
	// Digest is the SHA-256 of the load runner's binary in lower-case hex.
	Digest string
	// Token is the SHA-256 of the token that writes need, in lower-case hex.
	// The node fetches the token itself under TokenKey.
	Token, TokenKey string
	// Plan is the text of the plan that each run follows.
	Plan string
	// Length is how long a run takes by its plan.
	Length time.Duration
}

// Purpose begins the script.
func (Runner) Purpose() string { return "Makes this machine a node that sends load to Orchard." }

// Program is the binary's name on the machine.
func (Runner) Program() string { return "loadrunner" }

// RunTimeout is when a run is ended that does not end by itself: what it takes
// by its plan, and two minutes to check what was written and to send results.
func (r Runner) RunTimeout() time.Duration { return r.Length + 2*time.Minute }

// planEnd ends the plan in the script.
const planEnd = "PLAN"

// check refuses what would not survive the shell, naming each field.
func (r Runner) check(more ...field) error {
	problems := checkFields(r.Digest, r.Token, append([]field{{"token key", r.TokenKey}}, more...))
	if !strings.HasSuffix(r.Plan, "\n") || strings.Contains("\n"+r.Plan, "\n"+planEnd+"\n") {
		problems = append(problems, fmt.Sprintf("plan %q is not whole lines, or one of them is %s", r.Plan, planEnd))
	}
	if r.Length < time.Second {
		problems = append(problems, fmt.Sprintf("run length %s is under a second", r.Length))
	}
	return refuse(problems)
}
