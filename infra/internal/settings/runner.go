package settings

import (
	"regexp"
	"time"
)

// Runner is the fleet of a stack whose role is LoadRunner.
type Runner struct {
	// ServiceStack is the stack whose service is asked: a name in this
	// stack's own project, or ORGANIZATION/PROJECT/STACK.
	ServiceStack string
	// Nodes is from 1 to 100.
	Nodes int
	// Rate is what each node sends, in requests a second.
	Rate int
	// Length is how long a run lasts, from 1 s to a minute. One begins each
	// minute.
	Length time.Duration
	// Plan is the path of a plan file, or empty for Rate over Length.
	Plan string
}

var stackReference = regexp.MustCompile(`^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/)?[A-Za-z0-9_.-]+$`)

func (r *reader) runner() Runner {
	return Runner{
		ServiceStack: r.optional("serviceStack", stackReference),
		Nodes:        r.integer("nodes", 1, 100),
		Rate:         r.integer("nodeRate", 1, 100_000),
		Length:       time.Duration(r.integer("runSeconds", 1, 60)) * time.Second,
		Plan:         r.optional("plan", anything),
	}
}

// checkRunner finds what is wrong of a load runner, for which the listener,
// the sizes and the database of a service mean nothing.
func (s Settings) checkRunner() []string {
	switch s.Runner.ServiceStack {
	case "":
		return []string{"orchard:serviceStack is empty; name the stack whose service the nodes ask, such as dev"}
	case s.Stack:
		return []string{"orchard:serviceStack is " + s.Stack + ", this stack itself; name the stack whose service the nodes ask"}
	}
	return nil
}

// checkNoRunner finds a fleet's key where no fleet is.
func (s Settings) checkNoRunner() string {
	if s.Runner.ServiceStack == "" {
		return ""
	}
	return "orchard:serviceStack is for the role loadrunner, and orchard:role is service; set the first empty or the second to loadrunner"
}
