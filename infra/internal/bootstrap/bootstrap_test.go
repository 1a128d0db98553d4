package bootstrap

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"orchard/infra/internal/golden"
)

func sample() AWS {
	digest := strings.Repeat("ab", 32)
	return AWS{
		Service: Service{
			Digest: digest, PoolSize: 6, WriteToken: strings.Repeat("5e", 32), Drain: 15 * time.Second,
			Database: Database{
				Host: "database.abc.eu-central-1.rds.amazonaws.com", Port: 5432, Name: "orchard",
				Role: "orchard_app", MasterRole: "orchard_admin",
			},
		},
		Region: "eu-central-1", Bucket: "releases-1a2b3c4", Key: "releases/" + digest + "/orchard",
		MasterSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b-AbCdEf",
		Group:        "orchard-dev-app", Hook: "serving",
	}
}

func mustRender(t *testing.T, a AWS) string {
	t.Helper()
	script, err := a.Render()
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func TestGolden(t *testing.T) {
	t.Parallel()
	a := sample()
	script := mustRender(t, a)
	golden.Check(t, "testdata/aws.golden.sh", strings.ReplaceAll(script, a.Digest, "<release>"))
}

// TestSize leaves room: a real secret's ARN or host may be longer.
func TestSize(t *testing.T) {
	t.Parallel()
	if size := len(mustRender(t, sample())); size > MaxBytes/2 {
		t.Errorf("user-data has %d bytes, want at most half of %d", size, MaxBytes)
	}
	long := sample()
	long.Key = strings.Repeat("k", MaxBytes)
	if _, err := long.Render(); err == nil || !strings.Contains(err.Error(), "16384") {
		t.Errorf("user-data above the limit: got error %v", err)
	}
}

func TestBashReadsIt(t *testing.T) {
	t.Parallel()
	check := exec.Command("bash", "-n")
	check.Stdin = strings.NewReader(mustRender(t, sample()))
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("bash -n: %v\n%s", err, out)
	}
}

// TestSecretStaysWithMigration looks at the environment of the service.
func TestSecretStaysWithMigration(t *testing.T) {
	t.Parallel()
	script := mustRender(t, sample())
	_, service, _ := strings.Cut(script, `orchard.env" <<ENV`)
	service, migration, _ := strings.Cut(service, "\nENV\n")
	if strings.Contains(service, "secretsmanager") || strings.Contains(service, "orchard_admin") {
		t.Errorf("the service's environment knows the master role:\n%s", service)
	}
	if strings.Count(migration, sample().MasterSecret) != 1 {
		t.Errorf("the migration's environment does not name the secret once")
	}
}

// TestRefuse has values that a shell, a unit or a URL would read otherwise.
func TestRefuse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*AWS){
		"release digest":       func(a *AWS) { a.Digest = "abc" },
		"database host":        func(a *AWS) { a.Database.Host = "" },
		"database name":        func(a *AWS) { a.Database.Name = "a b" },
		"database role":        func(a *AWS) { a.Database.Role = "a;b" },
		"database master role": func(a *AWS) { a.Database.MasterRole = "$x" },
		"pool size 1":          func(a *AWS) { a.PoolSize = 1 },
		"region":               func(a *AWS) { a.Region = "`id`" },
		"bucket":               func(a *AWS) { a.Bucket = "a\nb" },
		"key":                  func(a *AWS) { a.Key = "'" },
		"group":                func(a *AWS) { a.Group = "$(id)" },
		"hook":                 func(a *AWS) { a.Hook = "" },
		"master secret":        func(a *AWS) { a.MasterSecret = "arn$(id)" },
	} {
		a := sample()
		change(&a)
		if _, err := a.Render(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v, want one that names it", name, err)
		}
	}
}
