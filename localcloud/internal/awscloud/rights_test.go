package awscloud

import (
	"fmt"
	"strings"
	"testing"

	"orchard/localcloud/internal/sigv4"
	"orchard/localcloud/internal/world"
)

const (
	bucketARN = "arn:aws:s3:::orchard-releases"
	secretARN = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:rds!db-1-abcdef"
	userARN   = "arn:aws:rds-db:eu-central-1:000000000000:dbuser:db-RESOURCE/orchard_app"
)

// act does one of the things that instances do, as an instance of a role.
type act func(w *world.World, who sigv4.Principal) error

func asks(action, resource string) act {
	return func(w *world.World, who sigv4.Principal) error {
		cloud, err := state(w)
		if err != nil {
			return err
		}
		return authorize(w, cloud, who, action, resource, true)
	}
}

func connects(w *world.World, who sigv4.Principal) error {
	cloud, err := state(w)
	if err != nil {
		return err
	}
	return mayConnect(w, cloud, who, cloud.Databases["db-1"], "orchard_app")
}

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"%s"}]}`, action, resource)
}

// Everything that instances do needs a right: it is refused by name without
// one, and with one for something else, and done with it.
func TestRightsOfInstances(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do                      act
		action, resource, other string
	}{
		"release":  {asks("s3:GetObject", bucketARN+"/releases/1/orchard"), "s3:GetObject", bucketARN + "/releases/1/orchard", bucketARN + "/private/*"},
		"secret":   {asks("secretsmanager:GetSecretValue", secretARN), "secretsmanager:GetSecretValue", secretARN, secretARN + "2"},
		"database": {connects, "rds-db:connect", userARN, strings.Replace(userARN, "orchard_app", "orchard_admin", 1)},
		"hook":     {asks("autoscaling:CompleteLifecycleAction", groupID), "autoscaling:CompleteLifecycleAction", groupID, groupID + "-other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, w := hookWorld(t)
			put(t, w, "db-1", "aws:rds/instance:Instance", map[string]any{
				"identifier": "db-1", "arn": "arn:aws:rds:eu-central-1:000000000000:db:db-1", "resourceId": "db-RESOURCE",
				"engineVersion": "15", "instanceClass": "db.t4g.micro", "port": 5432.0, "iamDatabaseAuthenticationEnabled": true,
			})
			who := sigv4.Principal{Identity: identityOf(w, "app"), Instance: waiting}
			refused := fmt.Sprintf("arn:aws:iam::000000000000:role/app is not authorized to perform %s on resource %s", c.action, c.resource)
			wantRefused(t, "no policy", c.do(w, who), refused)

			grant := func(policy string) {
				put(t, w, "app:it#rolePolicy", "aws:iam/rolePolicy:RolePolicy", map[string]any{"role": "app", "policy": policy})
			}
			grant(allow(c.action, c.other))
			wantRefused(t, "a policy for another resource", c.do(w, who), refused)
			grant(allow("ec2:Describe*", "*"))
			wantRefused(t, "a policy for another action", c.do(w, who), refused)
			grant(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"` + c.action + `","Resource":"*"}]}`)
			wantRefused(t, "a policy that denies", c.do(w, who), "with an explicit deny in policy of role app")
			grant(allow(c.action, c.resource))
			if err := c.do(w, who); err != nil {
				t.Errorf("with the right: got %v, want no error", err)
			}
			stranger := sigv4.Principal{Identity: "other/app", Instance: waiting}
			wantRefused(t, "a role of another stack", c.do(w, stranger), "is not of this stack")
			if err := w.Remove(t.Context(), "app#role"); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, "a role that is gone", c.do(w, who), "role app does not exist any more")
		})
	}
}

func wantRefused(t *testing.T, name string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want an error with %q", name, err, want)
	}
}

// What is refused is a problem of the stack, and named as such.
func TestRefusalIsAProblem(t *testing.T) {
	t.Parallel()
	_, w := hookWorld(t)
	who := sigv4.Principal{Identity: identityOf(w, "app"), Instance: waiting}
	err := asks("s3:GetObject", bucketARN+"/x")(w, who)
	problems := w.Status().Problems
	if len(problems) == 0 || problems[len(problems)-1].Sentence != err.Error() {
		t.Errorf("problems after %v: got %+v, want it among them", err, problems)
	}
}

// An instance whose role trusts somebody else gets no credentials of it.
func TestTrust(t *testing.T) {
	t.Parallel()
	c, w := hookWorld(t)
	const profile = "arn:aws:iam::000000000000:instance-profile/app"
	put(t, w, "app#profile", "aws:iam/instanceProfile:InstanceProfile", map[string]any{"name": "app", "arn": profile, "uniqueId": "AIPA1", "role": "app"})
	for service, want := range map[string]string{"ec2.amazonaws.com": "app", "ecs.amazonaws.com": ""} {
		put(t, w, "app#role", "aws:iam/role:Role", map[string]any{
			"name": "app", "arn": "arn:aws:iam::000000000000:role/app",
			"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"` + service + `"}}]}`,
		})
		cloud, err := state(w)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.describe(w, cloud, world.Instance{ID: waiting, Identity: profile}, world.TemplateVersion{}).Role; got != want {
			t.Errorf("role that trusts %s: the instance has the credentials of %q, want %q", service, got, want)
		}
	}
}
