package entra_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/localcloud/internal/entra"
)

const resource = "https://storage.azure.com"

var (
	noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	who  = entra.Identity{TenantID: "t", ClientID: "c", PrincipalID: "p", ResourceID: "/subscriptions/s/id"}
)

func issuer(t *testing.T, secret string) *entra.Issuer {
	t.Helper()
	i, err := entra.NewIssuer([]byte(strings.Repeat(secret, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func issue(t *testing.T, i *entra.Issuer, now time.Time) string {
	t.Helper()
	token, _, err := i.Issue(who, resource+"/", now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestVerify(t *testing.T) {
	t.Parallel()
	i := issuer(t, "k")
	token := issue(t, i, noon)
	parts := strings.Split(token, ".")
	other := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, c := range map[string]struct {
		token, audience string
		now             time.Time
		want            error
	}{
		"good":              {token, resource, noon, nil},
		"slash, case":       {token, "HTTPS://storage.azure.com/", noon, nil},
		"nearly over":       {token, resource, noon.Add(entra.Lifetime - time.Second), nil},
		"over":              {token, resource, noon.Add(entra.Lifetime), entra.ErrExpired},
		"not begun":         {token, resource, noon.Add(-time.Second), entra.ErrInvalid},
		"other audience":    {token, "https://ossrdbms-aad.database.windows.net", noon, entra.ErrAudience},
		"no token":          {"", resource, noon, entra.ErrInvalid},
		"no signature":      {parts[0] + "." + parts[1] + ".", resource, noon, entra.ErrInvalid},
		"changed":           {parts[0] + "." + parts[1] + "x." + parts[2], resource, noon, entra.ErrInvalid},
		"other algorithm":   {other + "." + parts[1] + "." + parts[2], resource, noon, entra.ErrInvalid},
		"of another daemon": {issue(t, issuer(t, "l"), noon), resource, noon, entra.ErrInvalid},
	} {
		got, err := i.Verify(c.token, c.audience, c.now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if err == nil && (got.ObjectID != "p" || got.ClientID != "c" || got.TenantID != "t") {
			t.Errorf("%s: got claims %+v, want those of %+v", name, got, who)
		}
	}
}

func TestSameTokenWithinAnHour(t *testing.T) {
	t.Parallel()
	i := issuer(t, "k")
	first := issue(t, i, noon)
	if got := issue(t, i, noon.Add(59*time.Minute)); got != first {
		t.Error("token 59 minutes later: got another, want the same")
	}
	if got := issue(t, i, noon.Add(time.Hour)); got == first {
		t.Error("token an hour later: got the same, want a new one")
	}
}

// A client may read the claims, and so depends on their names.
func TestTokenIsJWT(t *testing.T) {
	t.Parallel()
	parts := strings.Split(issue(t, issuer(t, "k"), noon), ".")
	var head, claims map[string]any
	for i, into := range []*map[string]any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]any{"alg": "HS256", "typ": "JWT"}, head); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := map[string]any{
		"aud": resource + "/", "iss": "https://sts.windows.net/t/", "oid": "p", "sub": "p", "appid": "c", "tid": "t",
		"idtyp": "app", "ver": "1.0", "xms_mirid": "/subscriptions/s/id",
		"iat": float64(noon.Unix()), "nbf": float64(noon.Unix()), "exp": float64(noon.Add(24 * time.Hour).Unix()),
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestNewIssuerWantsSecret(t *testing.T) {
	t.Parallel()
	if _, err := entra.NewIssuer(make([]byte, 31)); err == nil {
		t.Error("31 bytes: got an issuer, want an error")
	}
}
