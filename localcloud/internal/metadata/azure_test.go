package metadata_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/entra"
	"orchard/localcloud/internal/metadata"
)

const databases = "https://ossrdbms-aad.database.windows.net"

var (
	appIdentity   = entra.Identity{TenantID: "tenant", ClientID: "client-app", PrincipalID: "oid-app", ResourceID: "/subscriptions/s/app"}
	adminIdentity = entra.Identity{TenantID: "tenant", ClientID: "client-admin", PrincipalID: "oid-admin", ResourceID: "/subscriptions/s/admin"}
)

// azureService is the metadata service of an instance with two identities.
type azureService struct {
	*httptest.Server
	issuer *entra.Issuer
	events *metadata.Events
}

func serveAzure(t *testing.T, assigned ...entra.Identity) azureService {
	t.Helper()
	issuer, err := entra.NewIssuer(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := azureService{issuer: issuer, events: metadata.NewEvents()}
	s.Server = httptest.NewServer(metadata.Azure(metadata.AzureConfig{
		Instance: metadata.AzureInstance{
			Name: "app_1a2b3c", VMID: "0000-1", Location: "westeurope", Zone: "2", Address: "127.1.2.4",
			SubscriptionID: "sub", ResourceGroup: "group", ScaleSet: "app", VMSize: "Standard_D2s_v5",
		},
		Issuer: issuer, Events: s.events, Now: time.Now,
		Identities: func() ([]entra.Identity, error) { return assigned, nil },
		Resource:   func(resource string) bool { return entra.SameResource(resource, databases) },
	}))
	t.Cleanup(s.Close)
	return s
}

// get asks with the header that every request must have.
func (s azureService) get(t *testing.T, path string) (int, string) {
	t.Helper()
	return ask(t, http.MethodGet, s.URL+"/metadata"+path, map[string]string{"Metadata": "true"})
}

func TestAzureInstance(t *testing.T) {
	t.Parallel()
	s := serveAzure(t)
	const version = "?api-version=2021-02-01"
	for path, want := range map[string]string{
		"/instance/compute/name" + version + "&format=text":                                          "app_1a2b3c",
		"/instance/compute/zone" + version + "&format=text":                                          "2",
		"/instance/compute/location" + version + "&format=text":                                      "westeurope",
		"/instance/compute/vmId" + version + "&format=text":                                          "0000-1",
		"/instance/" + version + "&format=text":                                                      "compute/\nnetwork/",
		"/instance/network/interface/0/ipv4/ipAddress/0/privateIpAddress" + version + "&format=text": "127.1.2.4",
		"/instance/network/interface" + version + "&format=text":                                     "0/",
		"/instance/network" + version:                                                                `{"interface":[{"ipv4":{"ipAddress":[{"privateIpAddress":"127.1.2.4","publicIpAddress":""}]}}]}`,
	} {
		if status, got := s.get(t, path); status != http.StatusOK || got != want {
			t.Errorf("%s: got %d %q, want 200 %q", path, status, got, want)
		}
	}
	var all struct{ Compute map[string]string }
	status, body := s.get(t, "/instance"+version)
	if err := json.Unmarshal([]byte(body), &all); err != nil || status != http.StatusOK {
		t.Fatalf("instance: got %d %s, %v", status, body, err)
	}
	if got, want := all.Compute["resourceId"], "/subscriptions/sub/resourceGroups/group/providers/Microsoft.Compute/virtualMachines/app_1a2b3c"; got != want {
		t.Errorf("resourceId: got %q, want %q", got, want)
	}
}

func TestAzureRefuses(t *testing.T) {
	t.Parallel()
	s := serveAzure(t, appIdentity, adminIdentity)
	good := map[string]string{"Metadata": "true"}
	const token = "/metadata/identity/oauth2/token?api-version=2018-02-01"
	for name, c := range map[string]struct {
		method, path string
		headers      map[string]string
		status       int
		says         string
	}{
		"no header":         {"GET", "/metadata/instance?api-version=2021-02-01", nil, 400, "Required metadata header not specified"},
		"through a proxy":   {"GET", "/metadata/instance?api-version=2021-02-01", map[string]string{"Metadata": "true", "X-Forwarded-For": "1.2.3.4"}, 400, "proxy"},
		"no version":        {"GET", "/metadata/instance", good, 400, "2021-02-01"},
		"wrong version":     {"GET", token[:len(token)-10] + "2021-02-01&resource=" + databases, good, 400, "2018-02-01"},
		"no leaf":           {"GET", "/metadata/instance/compute/color?api-version=2021-02-01&format=text", good, 404, "Not found"},
		"leaf as JSON":      {"GET", "/metadata/instance/compute/name?api-version=2021-02-01", good, 400, "format=text"},
		"unknown path":      {"GET", "/metadata/attested/document?api-version=2021-02-01", good, 404, "Not found"},
		"no resource":       {"GET", token, good, 400, "'resource' is missing"},
		"unknown resource":  {"GET", token + "&resource=https://example.com", good, 400, "invalid_resource"},
		"which identity":    {"GET", token + "&resource=" + databases, good, 400, "Multiple user assigned identities"},
		"other identity":    {"GET", token + "&resource=" + databases + "&client_id=client-x", good, 400, "Identity not found"},
		"contradiction":     {"GET", token + "&resource=" + databases + "&client_id=client-app&object_id=oid-admin", good, 400, "Identity not found"},
		"no start requests": {"POST", "/metadata/scheduledevents?api-version=2020-07-01", good, 400, "StartRequests"},
	} {
		if status, body := ask(t, c.method, s.URL+c.path, c.headers); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: got %d %s, want %d with %q", name, status, body, c.status, c.says)
		}
	}
}

func TestAzureToken(t *testing.T) {
	t.Parallel()
	s := serveAzure(t, appIdentity, adminIdentity)
	for query, want := range map[string]entra.Identity{
		"client_id=client-app":            appIdentity,
		"client_id=CLIENT-ADMIN":          adminIdentity,
		"object_id=oid-admin":             adminIdentity,
		"msi_res_id=/subscriptions/S/App": appIdentity,
	} {
		status, body := s.get(t, "/identity/oauth2/token?api-version=2018-02-01&resource="+url.QueryEscape(databases+"/")+"&"+query)
		var got map[string]string
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
			t.Errorf("%s: got %d %s, %v", query, status, body, err)
			continue
		}
		claims, err := s.issuer.Verify(got["access_token"], databases, time.Now())
		if err != nil || claims.ObjectID != want.PrincipalID || got["client_id"] != want.ClientID {
			t.Errorf("%s: got claims %+v of %s, %v; want those of %s", query, claims, got["client_id"], err, want.ClientID)
		}
		if got["expires_on"] != strconv.FormatInt(claims.Expires, 10) || got["token_type"] != "Bearer" {
			t.Errorf("%s: got %v, want expires_on %d as text", query, got, claims.Expires)
		}
	}
}

// The real SDK, which has the service's address built in and finds its way by
// the proxy.
func TestAzureSDKThroughProxy(t *testing.T) {
	t.Parallel()
	s := serveAzure(t, appIdentity, adminIdentity)
	proxy, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
		ClientOptions: azcore.ClientOptions{Transport: client, Retry: policy.RetryOptions{MaxRetries: -1}},
		ID:            azidentity.ClientID(adminIdentity.ClientID),
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := credential.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{databases + "/.default"}})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := s.issuer.Verify(token.Token, databases, time.Now())
	if err != nil || claims.ObjectID != adminIdentity.PrincipalID {
		t.Errorf("token of the SDK: got claims %+v, %v; want those of %s", claims, err, adminIdentity.ClientID)
	}
	if left := time.Until(token.ExpiresOn); left < 22*time.Hour || left > 25*time.Hour {
		t.Errorf("the SDK's token ends in %s, want about a day", left)
	}
}

func TestAzureProxyLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := serveAzure(t)
	proxy, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	for _, address := range []string{"http://example.com/metadata/instance", "http://169.254.169.254:8080/", "http://169.254.169.253/"} {
		response, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", address, response.StatusCode)
		}
	}
	if _, err := client.Get("https://169.254.169.254/"); err == nil || !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("tunnel: got %v, want a refusal", err)
	}
}

func TestScheduledEvents(t *testing.T) {
	t.Parallel()
	s := serveAzure(t)
	const path = "/scheduledevents?api-version=2020-07-01"
	if _, body := s.get(t, path); body != `{"DocumentIncarnation":1,"Events":[]}` {
		t.Errorf("no events: got %s", body)
	}
	event := metadata.Event{ID: "e-1", Type: "Terminate", Resource: "app_1a2b3c", NotBefore: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Source: "Platform"}
	approved := s.events.Announce(event)
	document := func(incarnation int, status, notBefore string) string {
		return fmt.Sprintf(`{"DocumentIncarnation":%d,"Events":[{"Description":"","DurationInSeconds":-1,"EventId":"e-1","EventSource":"Platform",`+
			`"EventStatus":%q,"EventType":"Terminate","NotBefore":%q,"ResourceType":"VirtualMachine","Resources":["app_1a2b3c"]}]}`, incarnation, status, notBefore)
	}
	_, body := s.get(t, path)
	if diff := cmp.Diff(document(2, "Scheduled", "Wed, 04 Mar 2026 05:06:07 GMT"), body); diff != "" {
		t.Errorf("announced (-want +got):\n%s", diff)
	}
	if status, body := s.approve(t, path, "e-2"); status != http.StatusBadRequest || !strings.Contains(body, "e-2") {
		t.Errorf("approve an unknown event: got %d %s, want 400 that names it", status, body)
	}
	select {
	case <-approved:
		t.Error("the event counts as approved before it was")
	default:
	}
	for range 2 { // the second says it again
		if status, body := s.approve(t, path, "e-1"); status != http.StatusOK {
			t.Errorf("approve: got %d %s, want 200", status, body)
		}
	}
	<-approved
	_, body = s.get(t, path)
	if diff := cmp.Diff(document(3, "Started", ""), body); diff != "" {
		t.Errorf("approved (-want +got):\n%s", diff)
	}
	if again := s.events.Announce(event); again != approved {
		t.Error("announced again: got another channel, want the same event")
	}
	s.events.Withdraw("e-1")
	if _, body := s.get(t, path); body != `{"DocumentIncarnation":4,"Events":[]}` {
		t.Errorf("withdrawn: got %s", body)
	}
}

func (s azureService) approve(t *testing.T, path, id string) (int, string) {
	t.Helper()
	body := strings.NewReader(`{"StartRequests":[{"EventId":"` + id + `"}]}`)
	request, err := http.NewRequest(http.MethodPost, s.URL+"/metadata"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Metadata", "true")
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
