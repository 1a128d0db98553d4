package image_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orchard/localcloud/internal/iam"
	"orchard/localcloud/internal/machine"
	"orchard/localcloud/internal/machine/image"
	"orchard/localcloud/internal/metadata"
	"orchard/localcloud/internal/objects"
	"orchard/localcloud/internal/sigv4"
)

// TestMain makes the test binary the program that instances run.
func TestMain(m *testing.M) {
	if code, ok := image.Main(context.Background(), os.Args, os.Getenv, os.Stdout, os.Stderr); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// fetch asks the well-known address who it is, and fetches what its role may
// read, and what it may not.
const fetch = `#!/bin/bash
set -euo pipefail
token=$(curl -sSf -X PUT http://169.254.169.254/latest/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 300")
id=$(curl -sSf -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
echo "I am $id"
aws s3 cp s3://releases/app "$DESTDIR/app" --region eu-central-1 --only-show-errors
echo "release: $(cat "$DESTDIR/app")"
aws s3 cp s3://private/app "$DESTDIR/other" --region eu-central-1 --only-show-errors
`

func TestInstanceFetchesByItsRoleAtWellKnownAddresses(t *testing.T) {
	base, err := os.MkdirTemp("", "lc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	if err := os.Chmod(base, 0o755); err != nil { // an unprivileged user passes through
		t.Fatal(err)
	}
	issuer, err := metadata.NewIssuer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.252.1.4:0")
	if err != nil {
		t.Fatal(err)
	}
	imds := &http.Server{Handler: metadata.AWS(metadata.Instance{ID: "i-fetch", Region: "eu-central-1", Role: "app", Identity: role}, issuer, time.Now)}
	served := make(chan error, 1)
	go func() { served <- imds.Serve(machine.Guard(listener, "i-fetch")) }()
	t.Cleanup(func() {
		imds.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	store := releases(t, issuer)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "i")
	record, err := machine.Start(machine.Spec{
		ID: "i-fetch", Address: "127.252.1.4", Dir: dir, UserData: []byte(fetch),
		Env: []string{
			"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://" + listener.Addr().String(),
			"AWS_ENDPOINT_URL_S3=" + store.URL, "AWS_CA_BUNDLE=" + dir + "/ca.pem",
		},
		Files: map[string][]byte{
			"curl/.curlrc": []byte(`connect-to = "169.254.169.254:80:` + listener.Addr().String() + "\"\n"),
			"ca.pem":       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: store.Certificate().Raw}),
		},
		Commands: image.Commands(), Executable: self, Store: filepath.Join(base, "store"),
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := machine.Adopt(record)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Kill()
	state := ended(t, h)
	console := strings.Join(state.Console, "\n")
	for _, want := range []string{"I am i-fetch", "release: content", "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden"} {
		if state.Phase != machine.ScriptFailed || state.ExitCode != 1 || !strings.Contains(console, want) {
			t.Errorf("phase %s, exit %d, want script-failed with 1 and %q in:\n%s", state.Phase, state.ExitCode, want, console)
		}
	}
	if response, err := http.Get(fmt.Sprintf("http://%s/latest/meta-data/", listener.Addr())); err == nil {
		response.Body.Close()
		t.Errorf("a process outside of the instance reached its metadata: %s", response.Status)
	}
}

// releases serves any object of the bucket that the role may read.
func releases(t *testing.T, issuer *metadata.Issuer) *httptest.Server {
	t.Helper()
	document, err := iam.Parse("app", policy)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(objects.Handler(objects.Config{
		Region: "eu-central-1", Lookup: issuer.Lookup, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Find: func(string, string) (string, error) { return file, nil },
		Authorize: func(p sigv4.Principal, action, resource string, _ bool) error {
			if allowed, why := iam.Evaluate([]iam.Document{document}, iam.Request{Principal: p.Identity, Action: action, Resource: resource}); !allowed {
				return errors.New(why)
			}
			return nil
		},
	}))
	t.Cleanup(s.Close)
	return s
}

// ended waits for the end of the user-data.
func ended(t *testing.T, h *machine.Handle) machine.State {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		state, err := h.Status()
		if err != nil {
			t.Fatal(err)
		}
		if state.Phase != machine.Booting {
			return state
		}
		select {
		case <-deadline:
			t.Fatal("the user-data did not end within 30 s")
		case <-tick.C:
		}
	}
}
