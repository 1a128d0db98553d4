package lifecycle_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/lifecycle"
	"orchard/localcloud/internal/sigv4"
)

// waiting is what the test's service waits for; the disk of its world is full
// for the instance i-full.
var waiting = lifecycle.Action{Group: "orchard-app", Hook: "ready", Instance: "i-1", Proceed: true}

// serve is a service whose identity "app" may complete actions of the group
// orchard-app, and what it was told to complete.
func serve(t *testing.T) (*httptest.Server, *[]lifecycle.Action) {
	t.Helper()
	var done []lifecycle.Action
	s := httptest.NewTLSServer(lifecycle.Handler(lifecycle.Config{
		Region: "eu-central-1", Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Lookup: func(key, _ string, _ time.Time) (sigv4.Key, error) {
			return sigv4.Key{Secret: "secret", Principal: sigv4.Principal{Identity: key}}, nil
		},
		Authorize: func(p sigv4.Principal, action, resource string, secure bool) error {
			if p.Identity == "app" && action == "autoscaling:CompleteLifecycleAction" && resource == "arn:orchard-app" && secure {
				return nil
			}
			return fmt.Errorf("%s may not %s on %s", p.Identity, action, resource)
		},
		Group: func(name string) string { return "arn:" + name },
		Complete: func(a lifecycle.Action) error {
			switch {
			case a.Instance == "i-full":
				return errors.New("no space left on device")
			case a.Hook != waiting.Hook || a.Instance != waiting.Instance:
				return fmt.Errorf("instance %s: %w", a.Instance, lifecycle.ErrNoAction)
			}
			done = append(done, a)
			return nil
		},
	}))
	t.Cleanup(s.Close)
	return s, &done
}

// form is a request that succeeds, with changes; an empty value leaves a
// parameter out.
func form(changes map[string]string) url.Values {
	all := map[string]string{
		"Action": "CompleteLifecycleAction", "Version": "2011-01-01", "AutoScalingGroupName": "orchard-app",
		"LifecycleHookName": "ready", "InstanceId": "i-1", "LifecycleActionResult": "CONTINUE",
	}
	maps.Copy(all, changes)
	values := url.Values{}
	for name, value := range all {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// send signs a form with the SDK's own signer.
func send(t *testing.T, s *httptest.Server, who, secret string, values url.Values) (int, string) {
	t.Helper()
	body := values.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	sum := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: who, SecretAccessKey: secret, SessionToken: "session"}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, request, hex.EncodeToString(sum[:]), "autoscaling", "eu-central-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestComplete(t *testing.T) {
	t.Parallel()
	s, done := serve(t)
	for _, verdict := range []string{"CONTINUE", "ABANDON"} {
		status, body := send(t, s, "app", "secret", form(map[string]string{"LifecycleActionResult": verdict}))
		if status != http.StatusOK || !strings.Contains(body, "<CompleteLifecycleActionResult></CompleteLifecycleActionResult>") {
			t.Errorf("%s: got %d %s, want a result", verdict, status, body)
		}
	}
	abandoned := waiting
	abandoned.Proceed = false
	if diff := cmp.Diff([]lifecycle.Action{waiting, abandoned}, *done); diff != "" {
		t.Errorf("completed actions (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s, done := serve(t)
	for name, c := range map[string]struct {
		who, secret string
		changes     map[string]string
		status      int
		code, text  string
	}{
		"not allowed":      {"other", "secret", nil, 403, "AccessDenied", "other may not autoscaling:CompleteLifecycleAction on arn:orchard-app"},
		"another group":    {"app", "secret", map[string]string{"AutoScalingGroupName": "web"}, 403, "AccessDenied", "on arn:web"},
		"wrong secret":     {"app", "guess", nil, 403, "SignatureDoesNotMatch", ""},
		"another hook":     {"app", "secret", map[string]string{"LifecycleHookName": "done"}, 400, "ValidationError", "No active Lifecycle Action found with instance ID i-1"},
		"another instance": {"app", "secret", map[string]string{"InstanceId": "i-2"}, 400, "ValidationError", "No active Lifecycle Action found with instance ID i-2"},
		"a token":          {"app", "secret", map[string]string{"LifecycleActionToken": "t-1"}, 400, "ValidationError", "No active Lifecycle Action found with token t-1"},
		"no instance":      {"app", "secret", map[string]string{"InstanceId": ""}, 400, "ValidationError", "Value null at 'InstanceId'"},
		"other result":     {"app", "secret", map[string]string{"LifecycleActionResult": "RETRY"}, 400, "ValidationError", "CONTINUE or ABANDON, not RETRY"},
		"other operation":  {"app", "secret", map[string]string{"Action": "SetDesiredCapacity"}, 400, "InvalidAction", "SetDesiredCapacity"},
		"other version":    {"app", "secret", map[string]string{"Version": "2009-05-15"}, 400, "InvalidAction", "2009-05-15"},
		"other parameter":  {"app", "secret", map[string]string{"Force": "1"}, 400, "ValidationError", "the parameter Force is not supported here"},
		"failure":          {"app", "secret", map[string]string{"InstanceId": "i-full"}, 500, "InternalFailure", "An internal error has occurred."},
	} {
		status, body := send(t, s, c.who, c.secret, form(c.changes))
		var answer struct {
			Code    string `xml:"Error>Code"`
			Message string `xml:"Error>Message"`
		}
		if err := xml.NewDecoder(bytes.NewReader([]byte(body))).Decode(&answer); err != nil {
			t.Errorf("%s: answer %q: %v", name, body, err)
		}
		if status != c.status || answer.Code != c.code || !strings.Contains(answer.Message, c.text) {
			t.Errorf("%s: got %d %+v, want %d %s with %q", name, status, answer, c.status, c.code, c.text)
		}
	}
	if len(*done) != 0 {
		t.Errorf("refused requests have completed %+v", *done)
	}
}
