package metadata_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/metadata"
	"orchard/localcloud/internal/sigv4"
)

var instance = metadata.Instance{
	ID: "i-0123456789abcdef0", Zone: "eu-central-1b", Region: "eu-central-1", Address: "127.1.2.4", Account: "123456789012",
	Type: "t4g.small", Image: "ami-1", Architecture: "arm64", Launched: time.Unix(1_700_000_000, 0), UserData: []byte("#!/bin/bash\n"),
	Role: "app", Identity: "arn:aws:iam::123456789012:role/app", Profile: "arn:aws:iam::123456789012:instance-profile/app",
	Tags: map[string]string{"Name": "orchard"},
}

func issuer(t *testing.T, fill byte) *metadata.Issuer {
	t.Helper()
	i, err := metadata.NewIssuer(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// clock is a time that a test moves.
type clock struct{ seconds atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(c.seconds.Load(), 0) }

// service serves the instance's metadata at a time that the test moves.
func service(t *testing.T, i metadata.Instance) (*httptest.Server, *clock) {
	t.Helper()
	c := &clock{}
	c.seconds.Store(time.Now().Unix())
	s := httptest.NewServer(metadata.AWS(i, issuer(t, 1), c.now))
	t.Cleanup(s.Close)
	return s, c
}

func ask(t *testing.T, method, address string, headers map[string]string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestTokensAreRequiredAndEnd(t *testing.T) {
	t.Parallel()
	s, c := service(t, instance)
	const id = "/latest/meta-data/instance-id"
	for name, ttl := range map[string]string{"none": "", "zero": "0", "too long": "21601", "text": "x"} {
		if code, _ := ask(t, http.MethodPut, s.URL+"/latest/api/token", map[string]string{"X-aws-ec2-metadata-token-ttl-seconds": ttl}); code != http.StatusBadRequest {
			t.Errorf("token with ttl %s: got %d, want 400", name, code)
		}
	}
	if code, _ := ask(t, http.MethodGet, s.URL+id, nil); code != http.StatusUnauthorized {
		t.Errorf("without a token: got %d, want 401", code)
	}
	proxied := map[string]string{"X-aws-ec2-metadata-token-ttl-seconds": "60", "X-Forwarded-For": "1.2.3.4"}
	if code, _ := ask(t, http.MethodPut, s.URL+"/latest/api/token", proxied); code != http.StatusForbidden {
		t.Errorf("token through a proxy: got %d, want 403", code)
	}
	_, token := ask(t, http.MethodPut, s.URL+"/latest/api/token", map[string]string{"X-aws-ec2-metadata-token-ttl-seconds": "60"})
	with := map[string]string{"X-aws-ec2-metadata-token": token}
	if code, body := ask(t, http.MethodGet, s.URL+id, with); code != http.StatusOK || body != instance.ID {
		t.Errorf("instance-id: got %d %q, want %q", code, body, instance.ID)
	}
	other := instance
	other.ID = "i-other"
	o, _ := service(t, other)
	if code, _ := ask(t, http.MethodGet, o.URL+id, with); code != http.StatusUnauthorized {
		t.Errorf("token of another instance: got %d, want 401", code)
	}
	c.seconds.Add(61)
	if code, _ := ask(t, http.MethodGet, s.URL+id, with); code != http.StatusUnauthorized {
		t.Errorf("token after its end: got %d, want 401", code)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	s, _ := service(t, instance)
	_, token := ask(t, http.MethodPut, s.URL+"/latest/api/token", map[string]string{"X-aws-ec2-metadata-token-ttl-seconds": "300"})
	for path, want := range map[string]string{
		"meta-data/placement/availability-zone": "eu-central-1b",
		"meta-data/placement/region":            "eu-central-1",
		"meta-data/placement/":                  "availability-zone\nregion",
		"meta-data/local-ipv4":                  "127.1.2.4",
		"meta-data/instance-type":               "t4g.small",
		"meta-data/ami-id":                      "ami-1",
		"meta-data/iam/security-credentials/":   "app",
		"meta-data/tags/instance/Name":          "orchard",
		"user-data":                             "#!/bin/bash\n",
	} {
		if code, got := ask(t, http.MethodGet, s.URL+"/latest/"+path, map[string]string{"X-aws-ec2-metadata-token": token}); code != http.StatusOK || got != want {
			t.Errorf("%s: got %d %q, want %q", path, code, got, want)
		}
	}
	for _, path := range []string{"meta-data/public-ipv4", "meta-data/iam/security-credentials/other", "meta-data/placement/zone", "nothing"} {
		if code, body := ask(t, http.MethodGet, s.URL+"/latest/"+path, map[string]string{"X-aws-ec2-metadata-token": token}); code != http.StatusNotFound {
			t.Errorf("%s: got %d %q, want 404", path, code, body)
		}
	}
}

func TestSDKReadsIdentityAndCredentials(t *testing.T) {
	t.Parallel()
	s, c := service(t, instance)
	client := imds.New(imds.Options{Endpoint: s.URL})
	document, err := client.GetInstanceIdentityDocument(context.Background(), nil)
	if err != nil || document.InstanceID != instance.ID || document.Region != instance.Region || document.AccountID != instance.Account {
		t.Errorf("identity document: got %+v, %v", document, err)
	}
	provider := ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client })
	got, err := provider.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	key, err := issuer(t, 1).Lookup(got.AccessKeyID, got.SessionToken, c.now()) // another issuer of the same secret, as after a restart
	if err != nil {
		t.Fatal(err)
	}
	want := sigv4.Key{Secret: got.SecretAccessKey, Principal: sigv4.Principal{Identity: instance.Identity, Instance: instance.ID}}
	if diff := cmp.Diff(want, key); diff != "" {
		t.Errorf("what a verifier finds (-want +got):\n%s", diff)
	}
}

func TestNoRoleNoCredentials(t *testing.T) {
	t.Parallel()
	bare := instance
	bare.Role, bare.Identity = "", ""
	s, _ := service(t, bare)
	_, token := ask(t, http.MethodPut, s.URL+"/latest/api/token", map[string]string{"X-aws-ec2-metadata-token-ttl-seconds": "300"})
	for _, path := range []string{"iam/info", "iam/security-credentials/", "iam/security-credentials/app"} {
		if code, body := ask(t, http.MethodGet, s.URL+"/latest/meta-data/"+path, map[string]string{"X-aws-ec2-metadata-token": token}); code != http.StatusNotFound {
			t.Errorf("%s: got %d %q, want 404", path, code, body)
		}
	}
}

func TestIssuer(t *testing.T) {
	t.Parallel()
	if _, err := metadata.NewIssuer([]byte("short")); err == nil {
		t.Error("an issuer with a short key was made")
	}
	i, now := issuer(t, 1), time.Unix(1_700_000_000, 0)
	c, err := i.Issue("role", "i-1", now)
	if err != nil {
		t.Fatal(err)
	}
	for minute := range 400 {
		at := now.Add(time.Duration(minute) * time.Minute)
		c, err := i.Issue("role", "i-1", at)
		if left := c.Expires.Sub(at); err != nil || left < metadata.Lifetime/2 {
			t.Fatalf("credentials issued at %s hold for %s, want at least %s (%v)", at, left, metadata.Lifetime/2, err)
		}
	}
	again, _ := i.Issue("role", "i-1", now.Add(time.Minute))
	if c != again {
		t.Errorf("credentials a minute later: got others, want the same")
	}
	for name, l := range map[string]struct {
		issuer     *metadata.Issuer
		key, token string
		now        time.Time
		want       sigv4.Code
	}{
		"other secret":  {issuer(t, 2), c.AccessKey, c.SessionToken, now, sigv4.UnknownKey},
		"other key":     {i, "ASIA0000000000000000", c.SessionToken, now, sigv4.UnknownKey},
		"no token":      {i, c.AccessKey, "", now, sigv4.UnknownKey},
		"changed token": {i, c.AccessKey, strings.Replace(c.SessionToken, "e", "f", 1), now, sigv4.UnknownKey},
		"ended":         {i, c.AccessKey, c.SessionToken, c.Expires, sigv4.Expired},
	} {
		if _, err := l.issuer.Lookup(l.key, l.token, l.now); err == nil || sigv4.CodeOf(err) != l.want {
			t.Errorf("%s: got %v, want %s", name, err, l.want)
		}
	}
}
