package awscloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"orchard/localcloud/internal/cloudservice"
	"orchard/localcloud/internal/iam"
	"orchard/localcloud/internal/objects"
	"orchard/localcloud/internal/provider/aws"
	"orchard/localcloud/internal/secrets"
	"orchard/localcloud/internal/sigv4"
	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// The services of the region that instances ask, each at an address of its own.
const (
	objectService = "objects"
	secretService = "secrets"
	trustService  = "truststore"
	hookService   = "hooks"
)

// trustHost is where AWS publishes the authorities of RDS certificates.
const trustHost = "truststore.pki.rds.amazonaws.com"

func (c *Cloud) services(w *world.World) []cloudservice.Service {
	return []cloudservice.Service{
		{Key: objectService, Number: 1, Destination: world.DestObjects, Handler: c.objects(w)},
		{Key: secretService, Number: 2, Destination: world.DestInternet, Handler: c.secrets(w)},
		{Key: trustService, Number: 3, Destination: world.DestInternet, Names: []string{trustHost}, Handler: c.trust()},
		{Key: hookService, Number: 5, Destination: world.DestInternet, Handler: c.hooks(w)},
	}
}

// Serve answers for the services of a world until ctx ends.
func (c *Cloud) Serve(ctx context.Context, w *world.World) error {
	for _, s := range c.services(w) {
		if err := cloudservice.Serve(ctx, w, c.Authority, c.Log, s); err != nil {
			return err
		}
	}
	return nil
}

// objects answers S3 from the buckets that are declared at the moment.
func (c *Cloud) objects(w *world.World) http.Handler {
	return c.current(w, func(cloud aws.Cloud) http.Handler {
		return objects.Handler(objects.Config{
			Region: cloud.Region, Lookup: c.issuer.Lookup, Now: time.Now, Log: c.Log,
			Authorize: func(p sigv4.Principal, action, resource string, secure bool) error {
				return authorize(w, cloud, p, action, resource, secure)
			},
			Find: func(bucket, key string) (string, error) { return c.find(w, cloud, bucket, key) },
			Put: func(bucket, key string, content []byte) error {
				return keep(w, cloud, bucket, key, content)
			},
		})
	})
}

// find looks for what the program declares, then for what instances have put.
func (c *Cloud) find(w *world.World, cloud aws.Cloud, bucket, key string) (string, error) {
	if _, ok := cloud.Buckets[bucket]; !ok {
		return "", objects.ErrNoBucket
	}
	if object, ok := cloud.Objects[bucket+"/"+key]; ok {
		return filepath.Join(c.Blobs, object.SHA256), nil
	}
	return w.Uploads().Find(bucket, key)
}

// keep is for an object of an instance. What the program declares is the
// engine's to change.
func keep(w *world.World, cloud aws.Cloud, bucket, key string, content []byte) error {
	if _, ok := cloud.Buckets[bucket]; !ok {
		return objects.ErrNoBucket
	}
	if _, ok := cloud.Objects[bucket+"/"+key]; ok {
		return fmt.Errorf("%w: localcloud does not let instances replace %s, which the program declares", objects.ErrRefused, key)
	}
	err := w.Uploads().Put(bucket, key, bytes.NewReader(content))
	if errors.Is(err, uploads.ErrLongKey) {
		return fmt.Errorf("%w: %w", objects.ErrRefused, err)
	}
	return err
}

// secrets answers Secrets Manager from the secrets of the databases.
func (c *Cloud) secrets(w *world.World) http.Handler {
	return c.current(w, func(cloud aws.Cloud) http.Handler {
		return secrets.Handler(secrets.Config{
			Region: cloud.Region, Lookup: c.issuer.Lookup, Now: time.Now, Log: c.Log,
			Authorize: func(p sigv4.Principal, action, resource string, secure bool) error {
				return authorize(w, cloud, p, action, resource, secure)
			},
			Find: func(id string) (secrets.Secret, error) { return findSecret(cloud, id) },
		})
	})
}

// trust publishes the authority under the paths of AWS's bundles.
func (c *Cloud) trust() http.Handler {
	mux := http.NewServeMux()
	bundle := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(c.Authority.PEM()) // a client that has gone needs no answer
	}
	mux.HandleFunc("GET /global/global-bundle.pem", bundle)
	mux.HandleFunc("GET /{region}/{file}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("file") != r.PathValue("region")+"-bundle.pem" {
			http.NotFound(w, r)
			return
		}
		bundle(w, r)
	})
	return mux
}

// current makes a handler for each request, from what is declared then.
func (c *Cloud) current(w *world.World, make func(aws.Cloud) http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		cloud, err := state(w)
		if err != nil {
			c.Log.Error("cannot read the world", "error", err)
			http.Error(rw, "internal error", http.StatusInternalServerError)
			return
		}
		make(cloud).ServeHTTP(rw, r)
	})
}

// authorize decides a request to a service, and notes what it refuses to an
// instance.
func authorize(w *world.World, cloud aws.Cloud, p sigv4.Principal, action, resource string, secure bool) error {
	err := mayDo(w, cloud, p, iam.Request{
		Action: action, Resource: resource, Context: map[string]string{"aws:SecureTransport": strconv.FormatBool(secure)},
	})
	if err != nil {
		w.Refused(p.Instance, err.Error())
	}
	return err
}

// mayDo decides as IAM does for a principal of the resource's own account: the
// policies of its role and of the bucket together, an explicit deny first.
func mayDo(w *world.World, cloud aws.Cloud, p sigv4.Principal, request iam.Request) error {
	role, err := roleOf(w, cloud, p)
	if err != nil {
		return err
	}
	documents, err := policiesOf(cloud, role, request.Resource)
	if err != nil {
		return err
	}
	request.Principal = role.ARN
	if allowed, why := iam.Evaluate(documents, request); !allowed {
		return errors.New(why)
	}
	return nil
}

func policiesOf(cloud aws.Cloud, role aws.Role, resource string) ([]iam.Document, error) {
	var documents []iam.Document
	for _, text := range role.Policies {
		document, err := iam.Parse("of role "+role.Name, text)
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	for _, bucket := range cloud.Buckets {
		if bucket.Policy == "" || !within(resource, bucket.ARN) {
			continue
		}
		document, err := iam.Parse("of bucket "+bucket.Name, bucket.Policy)
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	return documents, nil
}

func within(resource, bucket string) bool {
	return resource == bucket || len(resource) > len(bucket) && resource[:len(bucket)+1] == bucket+"/"
}

func findSecret(cloud aws.Cloud, id string) (secrets.Secret, error) {
	secret, ok := cloud.Secrets[id]
	if !ok {
		return secrets.Secret{}, fmt.Errorf("secret %s: %w", id, os.ErrNotExist)
	}
	value, err := secretValue(secret)
	if err != nil {
		return secrets.Secret{}, err
	}
	return secrets.Secret{ARN: secret.ARN, Name: secretName(secret.ARN), VersionID: "1", Value: value}, nil
}
