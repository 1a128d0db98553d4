package lifecycle

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"orchard/localcloud/internal/sigv4"
)

// ErrNoAction is what Config.Complete wraps where no instance waits.
var ErrNoAction = errors.New("no active lifecycle action")

// Action is what a request completes.
type Action struct {
	Group, Hook string // their names
	Instance    string // its id
	Proceed     bool   // CONTINUE; otherwise ABANDON, after which the instance is terminated
}

// Config is what the handler needs to know.
type Config struct {
	Region string
	Lookup sigv4.Lookup
	// Authorize returns nil or an error with the sentence that says what is
	// missing. secure is whether the request came over TLS.
	Authorize func(p sigv4.Principal, action, resource string, secure bool) error
	Group     func(name string) (arn string) // of any name, also one that no group has
	Complete  func(Action) error             // wraps ErrNoAction
	Now       func() time.Time
	Log       *slog.Logger
}

// version is that of the API.
const version = "2011-01-01"

// maxBody is more than any request needs that is answered here.
const maxBody = 64 << 10

type server struct{ Config }

// Handler serves lifecycle actions.
func Handler(c Config) http.Handler { return &server{c} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.serve(r); err != nil {
		s.Log.Info("lifecycle action refused", "reason", err)
		refuse(w, err)
		return
	}
	accept(w)
}

func (s *server) serve(r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return invalid("the body cannot be read, or is too large")
	}
	who, err := sigv4.VerifyRequest(r, body, "autoscaling", s.Region, s.Lookup, s.Now())
	if err != nil {
		return err
	}
	action, err := parse(r.Method, string(body))
	if err != nil {
		return err
	}
	if err := s.Authorize(who, "autoscaling:CompleteLifecycleAction", s.Group(action.Group), r.TLS != nil); err != nil {
		return &problem{http.StatusForbidden, "AccessDenied", err.Error()}
	}
	if err := s.Complete(action); errors.Is(err, ErrNoAction) {
		return invalid("No active Lifecycle Action found with instance ID %s", action.Instance)
	} else if err != nil {
		return fmt.Errorf("complete lifecycle action of %s: %w", action.Instance, err)
	}
	return nil
}

// parameters are those that the operation has here, all required.
var parameters = []string{"AutoScalingGroupName", "LifecycleHookName", "InstanceId", "LifecycleActionResult"}

func parse(method, body string) (Action, error) {
	form, err := url.ParseQuery(body)
	if err != nil || method != http.MethodPost {
		return Action{}, invalid("the request is not a form that is posted")
	}
	if operation := form.Get("Action"); operation != "CompleteLifecycleAction" || form.Get("Version") != version {
		return Action{}, &problem{
			http.StatusBadRequest, "InvalidAction",
			fmt.Sprintf("Could not find operation %s for version %s: only CompleteLifecycleAction of %s is answered here", operation, form.Get("Version"), version),
		}
	}
	if token := form.Get("LifecycleActionToken"); token != "" {
		return Action{}, invalid("No active Lifecycle Action found with token %s", token)
	}
	for name := range form {
		if name != "Action" && name != "Version" && !slices.Contains(parameters, name) {
			return Action{}, invalid("the parameter %s is not supported here", name)
		}
	}
	for _, name := range parameters {
		if form.Get(name) == "" {
			return Action{}, invalid("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", name)
		}
	}
	verdict := form.Get("LifecycleActionResult")
	if verdict != "CONTINUE" && verdict != "ABANDON" {
		return Action{}, invalid("Lifecycle action result must be CONTINUE or ABANDON, not %s", verdict)
	}
	return Action{
		Group: form.Get("AutoScalingGroupName"), Hook: form.Get("LifecycleHookName"),
		Instance: form.Get("InstanceId"), Proceed: verdict == "CONTINUE",
	}, nil
}
