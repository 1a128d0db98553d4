package image_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/iam"
	"orchard/localcloud/internal/lifecycle"
	"orchard/localcloud/internal/machine/image"
	"orchard/localcloud/internal/metadata"
	"orchard/localcloud/internal/objects"
	"orchard/localcloud/internal/secrets"
	"orchard/localcloud/internal/sigv4"
)

const (
	role   = "arn:aws:iam::123456789012:role/app"
	secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master-AbCdEf"
	group  = "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:1:autoScalingGroupName/"
	policy = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"autoscaling:CompleteLifecycleAction","Resource":"` + group + `app"},
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::releases/*"},
		{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::results/*"},
		{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"` + secret + `"}]}`
)

// cloud is everything that `aws` meets on an instance: metadata, objects,
// secrets and a hook behind a CA of their own, a role with a policy.
func cloud(t *testing.T) (put map[string]string) {
	t.Helper()
	put = map[string]string{}
	issuer, err := metadata.NewIssuer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	document, err := iam.Parse("app", policy)
	if err != nil {
		t.Fatal(err)
	}
	authorize := func(p sigv4.Principal, action, resource string, _ bool) error {
		allowed, why := iam.Evaluate([]iam.Document{document}, iam.Request{Principal: p.Identity, Action: action, Resource: resource})
		if !allowed {
			return errors.New(why)
		}
		return nil
	}
	file := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(file, []byte("release"), 0o600); err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	imds := httptest.NewServer(metadata.AWS(metadata.Instance{ID: "i-1", Zone: "eu-central-1a", Region: "eu-central-1", Role: "app", Identity: role}, issuer, time.Now))
	t.Cleanup(imds.Close)
	store := httptest.NewTLSServer(objects.Handler(objects.Config{
		Region: "eu-central-1", Lookup: issuer.Lookup, Authorize: authorize, Now: time.Now, Log: quiet,
		Find: func(_, key string) (string, error) {
			if key != "app/one" {
				return "", fs.ErrNotExist
			}
			return file, nil
		},
		Put: func(bucket, key string, content []byte) error {
			put[bucket+"/"+key] = string(content)
			return nil
		},
	}))
	t.Cleanup(store.Close)
	vault := httptest.NewTLSServer(secrets.Handler(secrets.Config{
		Region: "eu-central-1", Lookup: issuer.Lookup, Authorize: authorize, Now: time.Now, Log: quiet,
		Find: func(id string) (secrets.Secret, error) {
			return secrets.Secret{ARN: id, Name: "master", Value: "value"}, nil
		},
	}))
	t.Cleanup(vault.Close)
	hooks := httptest.NewTLSServer(lifecycle.Handler(lifecycle.Config{
		Region: "eu-central-1", Lookup: issuer.Lookup, Authorize: authorize, Now: time.Now, Log: quiet,
		Group: func(name string) string { return group + name },
		Complete: func(a lifecycle.Action) error {
			if a != (lifecycle.Action{Group: "app", Hook: "ready", Instance: "i-1", Proceed: true}) {
				return lifecycle.ErrNoAction
			}
			return nil
		},
	}))
	t.Cleanup(hooks.Close)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: store.Certificate().Raw})
	if err := os.WriteFile(bundle, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.URL, "AWS_ENDPOINT_URL_S3": store.URL, "AWS_ENDPOINT_URL_SECRETS_MANAGER": vault.URL,
		"AWS_ENDPOINT_URL_AUTO_SCALING": hooks.URL,
		"AWS_CA_BUNDLE":                 bundle, "HOME": t.TempDir(), "AWS_REGION": "", "AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
		"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "",
	} {
		t.Setenv(name, value)
	}
	return put
}

func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code, ok := image.Main(context.Background(), append([]string{"/image/aws"}, args...), os.Getenv, &out, &errs)
	if !ok {
		t.Fatal("aws is not among the image's commands")
	}
	return code, out.String(), errs.String()
}

func TestAWSFetchesObjects(t *testing.T) {
	cloud(t)
	folder := t.TempDir()
	for name, args := range map[string][]string{
		"s3 cp":            {"s3", "cp", "s3://releases/app/one", folder + "/a", "--region", "eu-central-1", "--only-show-errors"},
		"region asked":     {"s3", "cp", "s3://releases/app/one", folder + "/b", "--no-progress"},
		"into folder":      {"s3", "cp", "--quiet", "s3://releases/app/one", folder},
		"get-object":       {"s3api", "get-object", "--bucket", "releases", "--key=app/one", "--region=eu-central-1", folder + "/c"},
		"secret":           {"secretsmanager", "get-secret-value", "--secret-id", secret},
		"secret, one text": {"secretsmanager", "get-secret-value", "--secret-id", secret, "--query", "SecretString", "--output", "text"},
	} {
		code, stdout, stderr := run(t, args...)
		if code != 0 || stderr != "" {
			t.Errorf("%s: got %d, %q", name, code, stderr)
		}
		if name == "secret, one text" && stdout != "value\n" {
			t.Errorf("%s: got %q, want the value", name, stdout)
		}
	}
	for _, name := range []string{"a", "b", "one", "c"} {
		if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(got) != "release" {
			t.Errorf("file %s: got %q, %v", name, got, err)
		}
	}
}

// complete is the command by which user-data completes a hook.
func complete(hook, group, result string) []string {
	return []string{
		"autoscaling", "complete-lifecycle-action", "--lifecycle-hook-name", hook, "--auto-scaling-group-name", group,
		"--lifecycle-action-result", result, "--instance-id", "i-1", "--region", "eu-central-1",
	}
}

// Without a bundle of its own it trusts what the system does, as on a machine
// whose image has the authority among the system's.
func TestAWSTrustsSystem(t *testing.T) {
	cloud(t)
	t.Setenv("AWS_CA_BUNDLE", "")
	code, _, stderr := run(t, "s3", "cp", "s3://releases/app/one", filepath.Join(t.TempDir(), "app"))
	if code != 1 || !strings.Contains(stderr, "certificate") {
		t.Errorf("s3 cp from an unknown authority: got %d %q, want 1 and a word on the certificate", code, stderr)
	}
}

func TestAWSCompletesAction(t *testing.T) {
	cloud(t)
	code, stdout, stderr := run(t, complete("ready", "app", "CONTINUE")...)
	if code != 0 || stdout != "" || stderr != "" {
		t.Errorf("complete-lifecycle-action: got %d, %q, %q, want 0 and nothing printed", code, stdout, stderr)
	}
}

func TestAWSUploads(t *testing.T) {
	put := cloud(t)
	file := filepath.Join(t.TempDir(), "result.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t, "s3", "cp", file, "s3://results/load/i-1/a b.json", "--region", "eu-central-1")
	if code != 0 || stdout != "upload: "+file+" to s3://results/load/i-1/a b.json\n" || stderr != "" {
		t.Errorf("upload: got %d, %q, %q", code, stdout, stderr)
	}
	if len(put) != 1 || put["results/load/i-1/a b.json"] != "{}" {
		t.Errorf("put: got %v, want the file", put)
	}
}

func TestAWSSaysWhatWentWrong(t *testing.T) {
	cloud(t)
	target, file := filepath.Join(t.TempDir(), "target"), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no right to copy": {[]string{"s3", "cp", "s3://private/x", target}, 1, "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden"},
		"no right to get":  {[]string{"s3api", "get-object", "--bucket", "private", "--key", "x", target}, 254, role + " is not authorized to perform s3:GetObject on resource arn:aws:s3:::private/x"},
		"no right to it":   {[]string{"secretsmanager", "get-secret-value", "--secret-id", "other"}, 254, "An error occurred (AccessDeniedException) when calling the GetSecretValue operation"},
		"no right to hook": {complete("ready", "web", "CONTINUE"), 254, "An error occurred (AccessDenied) when calling the CompleteLifecycleAction operation: " + role + " is not authorized to perform autoscaling:CompleteLifecycleAction on resource " + group + "web"},
		"no such hook":     {complete("other", "app", "CONTINUE"), 254, "An error occurred (ValidationError) when calling the CompleteLifecycleAction operation: No active Lifecycle Action found with instance ID i-1"},
		"other result":     {complete("ready", "app", "RETRY"), 254, "(ValidationError)"},
		"no hook":          {[]string{"autoscaling", "complete-lifecycle-action"}, 252, "--lifecycle-hook-name"},
		"other command":    {[]string{"s3", "sync", "a", "b"}, 252, `"s3 sync" is not supported`},
		"other option":     {[]string{"s3", "cp", "s3://a/b", target, "--recursive"}, 252, "Unknown options: --recursive"},
		"between objects":  {[]string{"s3", "cp", "s3://a/b", "s3://a/c"}, 252, "only between s3://BUCKET/KEY and a file"},
		"no file":          {[]string{"s3", "cp", target, "s3://results/b"}, 255, "does not exist"},
		"no right to put":  {[]string{"s3", "cp", file, "s3://releases/b"}, 1, "upload failed: " + file + " to s3://releases/b An error occurred (AccessDenied) when calling the PutObject operation: "},
		"missing":          {[]string{"s3api", "get-object", "--bucket", "a", target}, 252, "--key"},
		"no value":         {[]string{"s3api", "get-object", "--bucket"}, 252, "--bucket: expected one argument"},
		"nothing":          {nil, 252, "required"},
	} {
		code, _, stderr := run(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: got %d, %q; want %d with %q", name, code, stderr, c.code, c.want)
		}
	}
	if _, err := os.Stat(target); !os.IsNotExist(err) {
		t.Errorf("a refused download left a file: %v", err)
	}
}
