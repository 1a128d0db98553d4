package awscloud

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/iam"
	"orchard/localcloud/internal/postgres"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/sigv4"
	"orchard/localcloud/internal/world"
)

// Login decides as RDS does. A member of rds_iam logs in by an IAM token and in
// no other way; the master role by the password that its secret holds; any
// other role by the password that SQL has given it.
func (c *Cloud) Login(ctx context.Context, w *world.World, db world.Database, login postgres.Login) error {
	cloud, err := state(w)
	if err != nil {
		return err
	}
	role, err := w.DatabaseRole(ctx, db.ID, login.User)
	switch {
	case err != nil:
		return err
	case slices.Contains(role.Groups, "rds_iam"):
		return c.tokenLogin(w, cloud, db, login)
	case login.User == db.MasterRole:
		return masterLogin(cloud, db, login)
	}
	return role.CheckPassword(login.Password)
}

// tokenLogin notes what it refuses to an instance: it lacks a right, or the
// database the setting.
func (c *Cloud) tokenLogin(w *world.World, cloud aws.Cloud, db world.Database, login postgres.Login) error {
	err := c.checkToken(w, cloud, db, login)
	if err != nil {
		w.RefusedOn(login.Conn, err.Error())
	}
	return err
}

func (c *Cloud) checkToken(w *world.World, cloud aws.Cloud, db world.Database, login postgres.Login) error {
	access := cloud.Databases[db.ID]
	if !access.IAM {
		return fmt.Errorf("user %s: IAM authentication is not enabled on database %s", login.User, db.Name)
	}
	hostport := net.JoinHostPort(db.Address, strconv.Itoa(db.Port))
	who, err := sigv4.VerifyRDSToken(login.Password, hostport, login.User, c.issuer.Lookup, time.Now())
	if err != nil {
		return err
	}
	return mayConnect(w, cloud, who, access, login.User)
}

func masterLogin(cloud aws.Cloud, db world.Database, login postgres.Login) error {
	for _, secret := range cloud.Secrets {
		if secret.Database == db.ID && secret.Username == login.User {
			if subtle.ConstantTimeCompare([]byte(secret.Password), []byte(login.Password)) == 1 {
				return nil
			}
			return errors.New("the password is not the one in the master user's secret")
		}
	}
	return fmt.Errorf("database %s has no secret for its master user", db.Name)
}

func mayConnect(w *world.World, cloud aws.Cloud, who sigv4.Principal, access aws.DatabaseAccess, user string) error {
	parts := strings.Split(access.ARN, ":") // arn:aws:rds:REGION:ACCOUNT:db:NAME
	if len(parts) < 5 {
		return fmt.Errorf("database has no proper ARN: %q", access.ARN)
	}
	resource := fmt.Sprintf("arn:aws:rds-db:%s:%s:dbuser:%s/%s", parts[3], parts[4], access.ResourceID, user)
	return mayDo(w, cloud, who, iam.Request{Action: "rds-db:connect", Resource: resource})
}

// secretValue is the JSON that RDS keeps in the secret of a master user.
func secretValue(s aws.Secret) (string, error) {
	text, err := json.Marshal(map[string]string{"username": s.Username, "password": s.Password})
	return string(text), err
}

// secretName is the name in a secret's ARN, without the six characters that
// Secrets Manager adds.
func secretName(arn string) string {
	name := arn[strings.LastIndex(arn, ":")+1:]
	if i := strings.LastIndex(name, "-"); i > 0 {
		return name[:i]
	}
	return name
}
