package settings

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const urlLine = "ORCHARD_DATABASE_URL=postgres://orchard_app@db:5432/orchard"

func TestServeDefaults(t *testing.T) {
	t.Parallel()
	got, err := ParseServe([]string{urlLine, "PATH=/bin"})
	if err != nil {
		t.Fatalf("ParseServe: %v", err)
	}
	want := Serve{
		Listen:   ":8080",
		Database: Database{URL: urlLine[len("ORCHARD_DATABASE_URL="):], Auth: AuthPassword, Pool: 4},
		TLS:      TLS{Mode: TLSOff},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("settings (-want +got):\n%s", d)
	}
}

func TestServeWhole(t *testing.T) {
	t.Parallel()
	got, err := ParseServe([]string{
		urlLine, "ORCHARD_LISTEN=127.0.0.1:0", "ORCHARD_INSTANCE=i-1", "ORCHARD_ZONE=a",
		"ORCHARD_DATABASE_AUTH=aws-secret", "ORCHARD_DATABASE_SECRET=arn:x", "ORCHARD_DATABASE_POOL=9",
		"ORCHARD_DRAIN_WAIT=15s", "ORCHARD_WRITE_TOKEN_SHA256=" + strings.Repeat("ab", 32),
		"ORCHARD_TLS=files", "ORCHARD_TLS_CERT=/c", "ORCHARD_TLS_KEY=/k", "RUNTIME_DIRECTORY=/run/orchard",
	})
	if err != nil {
		t.Fatalf("ParseServe: %v", err)
	}
	if got.DrainWait != 15*time.Second || got.Database.Pool != 9 || len(got.WriteTokenSHA256) != 32 ||
		got.TLS.Cert != "/c" || got.RuntimeDirectory != "/run/orchard" || got.Database.Secret != "arn:x" {
		t.Errorf("settings: got %+v", got)
	}
}

func TestEveryProblemIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ParseServe([]string{
		"ORCHARD_LISTN=:1", "ORCHARD_LISTEN=8080", "ORCHARD_INSTANCE=a b", "ORCHARD_DATABASE_URL=mysql://u:geheim@h/d",
		"ORCHARD_DATABASE_AUTH=magic", "ORCHARD_DATABASE_SECRET=arn", "ORCHARD_DATABASE_POOL=1",
		"ORCHARD_DRAIN_WAIT=-1s", "ORCHARD_WRITE_TOKEN_SHA256=zz", "ORCHARD_TLS=on", "ORCHARD_TLS_KEY=/k",
	})
	if err == nil {
		t.Fatal("ParseServe: got no error")
	}
	for _, name := range []string{
		"ORCHARD_LISTN is not a setting", `ORCHARD_LISTEN is "8080"`, "ORCHARD_INSTANCE", "ORCHARD_DATABASE_URL is not",
		"ORCHARD_DATABASE_AUTH", "ORCHARD_DATABASE_SECRET goes", "ORCHARD_DATABASE_POOL", "ORCHARD_DRAIN_WAIT",
		"ORCHARD_WRITE_TOKEN_SHA256", `ORCHARD_TLS is "on"`, "ORCHARD_TLS_CERT and",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %q:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("error repeats the password: %v", err)
	}
}

func TestMigrateRole(t *testing.T) {
	t.Parallel()
	got, err := ParseMigrate([]string{urlLine})
	if err != nil || got.AppRole != "orchard_app" {
		t.Errorf("default role: got %q, %v", got.AppRole, err)
	}
	for _, bad := range []string{"Robert'); DROP", "pg_x", "1a", strings.Repeat("a", 64)} {
		if _, err := ParseMigrate([]string{urlLine, "ORCHARD_APP_ROLE=" + bad}); err == nil {
			t.Errorf("role %q: got no error", bad)
		}
	}
}

const (
	entraLine  = "ORCHARD_DATABASE_AUTH=azure-entra"
	clientLine = "AZURE_CLIENT_ID=11111111-aaaa-bbbb-cccc-222222222222"
	principal  = "33333333-AAAA-bbbb-cccc-444444444444"
)

func TestEntra(t *testing.T) {
	t.Parallel()
	got, err := ParseMigrate([]string{urlLine, entraLine, clientLine, "ORCHARD_APP_PRINCIPAL=" + principal})
	if err != nil || got.AppPrincipal != principal || got.Database.ClientID != clientLine[len("AZURE_CLIENT_ID="):] {
		t.Errorf("settings: got %+v, %v", got, err)
	}
	if _, err := ParseServe([]string{urlLine, entraLine, clientLine}); err != nil {
		t.Errorf("serve needs no principal: got %v", err)
	}
	if got, err := ParseServe([]string{urlLine, "AZURE_CLIENT_ID=of another program"}); err != nil || got.Database.ClientID != "" {
		t.Errorf("another way to sign in reads AZURE_CLIENT_ID: got %+v, %v", got, err)
	}
	for _, bad := range []struct{ lines, want string }{
		{entraLine, "AZURE_CLIENT_ID is not set"},
		{entraLine + "\nAZURE_CLIENT_ID=app", `AZURE_CLIENT_ID is "app"; give a GUID`},
		{entraLine + "\n" + clientLine, "ORCHARD_APP_PRINCIPAL goes with"},
		{"ORCHARD_APP_PRINCIPAL=" + principal, "ORCHARD_APP_PRINCIPAL goes with"},
		{entraLine + "\n" + clientLine + "\nORCHARD_APP_PRINCIPAL=x'y", "ORCHARD_APP_PRINCIPAL is"},
	} {
		_, err := ParseMigrate(append(strings.Split(bad.lines, "\n"), urlLine))
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("ParseMigrate with %q: got %v, want %q", bad.lines, err, bad.want)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	// The service's own settings stand in the same file and are let be.
	lines := []string{urlLine, "ORCHARD_INSTANCE=vm-1", "ORCHARD_ADMIN_SOCKET=/run/orchard/admin.sock", "ORCHARD_DRAIN_WAIT=15s"}
	got, err := ParseEvents(lines)
	want := Events{Instance: "vm-1", AdminSocket: "/run/orchard/admin.sock", DrainWait: 15 * time.Second, Poll: time.Second}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("settings (-want +got), %v:\n%s", err, d)
	}
	_, err = ParseEvents([]string{"ORCHARD_EVENTS_POLL=6s", "ORCHARD_ADMIN_SOCKET=admin.sock"})
	for _, name := range []string{"ORCHARD_INSTANCE is not set", `ORCHARD_EVENTS_POLL is "6s"`, `ORCHARD_ADMIN_SOCKET is "admin.sock"`} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %q:\n%v", name, err)
		}
	}
	if _, err := ParseEvents([]string{"ORCHARD_INSTANCE=vm-1", "ORCHARD_ADMIN_SOCKET=/" + strings.Repeat("a", 107)}); err == nil {
		t.Error("a socket path of 108 bytes: got no error")
	}
}
