package awscloud

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"orchard/localcloud/internal/authority"
	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/world"
)

var _ world.Cloud = (*Cloud)(nil)

const (
	groupName = "orchard-app"
	groupID   = "arn:aws:autoscaling:eu-central-1:000000000000:autoScalingGroup:1a2b:autoScalingGroupName/" + groupName
	waiting   = "i-0123456789abcdef0"
)

// hookWorld is a world with a role that may do nothing yet, and a group of one
// instance that waits for its hook.
func hookWorld(t *testing.T) (*Cloud, *world.World) {
	t.Helper()
	folder := t.TempDir()
	root, err := authority.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	c, err := New(Config{Authority: root, Key: bytes.Repeat([]byte{7}, 32), Blobs: folder, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(folder, "w")
	open := func() *world.World {
		w, err := world.Open(world.Options{Clouds: map[string]world.Cloud{"aws": c}, TimeScale: 10, Authority: root, Log: log}, home, "test")
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := open()
	t.Cleanup(func() {
		if err := world.Release(home); err != nil {
			t.Error(err)
		}
	})
	put(t, w, "app#role", "aws:iam/role:Role", map[string]any{"name": "app", "arn": "arn:aws:iam::000000000000:role/app"})
	put(t, w, groupName, "aws:autoscaling/group:Group", map[string]any{
		"name": groupName, "arn": groupID, "minSize": 1.0, "maxSize": 1.0,
		"initialLifecycleHooks": []any{map[string]any{"name": "ready", "heartbeatTimeout": 300.0, "defaultResult": "ABANDON"}},
	})
	addInstance(t, filepath.Join(home, world.StateFile))
	return c, open()
}

func put(t *testing.T, w *world.World, id, typ string, outputs map[string]any) {
	t.Helper()
	r := world.Resource{
		ID: id, URN: "urn:pulumi:test::orchard::" + typ + "::r", Cloud: "aws", Type: typ,
		Inputs: map[string]any{}, Outputs: outputs, Private: map[string]any{"region": "eu-central-1"}, Confirmed: true,
	}
	if err := w.Put(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// addInstance writes an instance into a world's file, as a daemon that was
// killed has left it.
func addInstance(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	state["instances"] = map[string]any{waiting: world.Instance{ID: waiting, Group: groupName, State: world.Waiting, Launched: time.Now()}}
	if text, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// completion asks the world's service over TLS, signed with the credentials
// that the metadata service gives an instance of the role.
func completion(t *testing.T, c *Cloud, w *world.World, group, hook string) string {
	t.Helper()
	services, err := cloudservice.Addresses(w, c.services(w))
	if err != nil {
		t.Fatal(err)
	}
	issued, err := c.issuer.Issue(identityOf(w, "app"), waiting, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	body := url.Values{
		"Action": {"CompleteLifecycleAction"}, "Version": {"2011-01-01"}, "AutoScalingGroupName": {group},
		"LifecycleHookName": {hook}, "InstanceId": {waiting}, "LifecycleActionResult": {"CONTINUE"},
	}.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+services[hookService]+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	keys := aws.Credentials{AccessKeyID: issued.AccessKey, SecretAccessKey: issued.Secret, SessionToken: issued.SessionToken}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, hex.EncodeToString(sum[:]), "autoscaling", "eu-central-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.Authority.PEM())
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// The permission counts from the next request on; a hook completes once.
func TestCompleteHook(t *testing.T) {
	t.Parallel()
	c, w := hookWorld(t)
	if err := c.Serve(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	state := func() world.InstanceState {
		i, _ := w.Instance(waiting)
		return i.State
	}
	why := "is not authorized to perform autoscaling:CompleteLifecycleAction on resource " + groupID
	if got := completion(t, c, w, groupName, "ready"); !strings.Contains(got, "<Code>AccessDenied</Code>") || !strings.Contains(got, why) {
		t.Errorf("without a policy: got %s, want AccessDenied that names the group", got)
	}
	put(t, w, "app:complete#rolePolicy", "aws:iam/rolePolicy:RolePolicy", map[string]any{
		"role": "app", "policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"autoscaling:CompleteLifecycleAction",
			"Resource":"arn:aws:autoscaling:eu-central-1:000000000000:autoScalingGroup:*:autoScalingGroupName/` + groupName + `"}]}`,
	})
	if got := completion(t, c, w, "orchard-other", "ready"); !strings.Contains(got, "<Code>AccessDenied</Code>") {
		t.Errorf("for another group: got %s, want AccessDenied", got)
	}
	none := "<Code>ValidationError</Code><Message>No active Lifecycle Action found with instance ID " + waiting
	if got := completion(t, c, w, groupName, "other"); !strings.Contains(got, none) || state() != world.Waiting {
		t.Errorf("another hook: got %s and the instance is %s, want a ValidationError and waiting", got, state())
	}
	if got := completion(t, c, w, groupName, "ready"); !strings.Contains(got, "CompleteLifecycleActionResult") || state() != world.InService {
		t.Errorf("its hook: got %s and the instance is %s, want a result and in service", got, state())
	}
	if got := completion(t, c, w, groupName, "ready"); !strings.Contains(got, none) {
		t.Errorf("its hook again: got %s, want a ValidationError", got)
	}
}
