package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// session is who asks, where, and in which region. Credentials, region and
// CA bundle come as the AWS SDK finds them: environment and metadata service.
type session struct {
	config aws.Config
	getenv func(string) string
}

func newSession(ctx context.Context, region string, getenv func(string) string) (*session, error) {
	var options []func(*config.LoadOptions) error
	if region != "" {
		options = append(options, config.WithRegion(region))
	} else {
		options = append(options, config.WithEC2IMDSRegion())
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	if loaded.Region == "" {
		return nil, errors.New("you must specify a region. You can also configure your region by the variable AWS_REGION")
	}
	if loaded.HTTPClient == nil { // without AWS_CA_BUNDLE the SDK leaves the choice open
		loaded.HTTPClient = http.DefaultClient
	}
	return &session{config: loaded, getenv: getenv}, nil
}

// endpoint is the address of a service: the SDKs' own variable for it, or
// the public one.
func (s *session) endpoint(variable, service string) string {
	for _, name := range []string{"AWS_ENDPOINT_URL_" + variable, "AWS_ENDPOINT_URL"} {
		if address := s.getenv(name); address != "" {
			return strings.TrimSuffix(address, "/")
		}
	}
	return fmt.Sprintf("https://%s.%s.amazonaws.com", service, s.config.Region)
}

// send signs a request and sends it. Signing paths once or twice differs
// between S3 and the rest (Signature Version 4, canonical URI).
func (s *session) send(ctx context.Context, service string, request *http.Request, body string) (*http.Response, error) {
	credentials, err := s.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("unable to locate credentials: %w", err)
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	request.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(ctx, credentials, request, hash, service, s.config.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign request: %w", err)
	}
	return s.config.HTTPClient.Do(request)
}

// serviceError is an error that the service answered.
type serviceError struct {
	status        int
	code, message string
	operation     string
}

func (e *serviceError) Error() string {
	return fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", e.code, e.operation, e.message)
}

// get asks for one object; the caller closes the body.
func (s *session) get(ctx context.Context, method, bucket, key string) (*http.Response, error) {
	address := fmt.Sprintf("%s/%s/%s", s.endpoint("S3", "s3"), bucket, (&url.URL{Path: key}).EscapedPath())
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := s.send(ctx, "s3", request, "")
	if err != nil {
		return nil, fmt.Errorf("could not connect to the endpoint URL: %q: %w", address, err)
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer response.Body.Close()
	return nil, objectError(response, method)
}

// put sends one object.
func (s *session) put(ctx context.Context, bucket, key string, content []byte) error {
	address := fmt.Sprintf("%s/%s/%s", s.endpoint("S3", "s3"), bucket, (&url.URL{Path: key}).EscapedPath())
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(content))
	if err != nil {
		return err
	}
	response, err := s.send(ctx, "s3", request, string(content))
	if err != nil {
		return fmt.Errorf("could not connect to the endpoint URL: %q: %w", address, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return objectError(response, http.MethodPut)
	}
	return nil
}

// objectError reads S3's XML; a HEAD has none, so that the status stands in.
func objectError(response *http.Response, method string) error {
	operation := map[string]string{http.MethodHead: "HeadObject", http.MethodGet: "GetObject", http.MethodPut: "PutObject"}[method]
	problem := struct{ Code, Message string }{
		Code:    fmt.Sprint(response.StatusCode),
		Message: http.StatusText(response.StatusCode),
	}
	if method != http.MethodHead {
		text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
		if err == nil {
			_ = xml.Unmarshal(text, &problem) // what is no XML keeps the status
		}
	}
	return &serviceError{response.StatusCode, problem.Code, problem.Message, operation}
}

// secret asks Secrets Manager for a secret's current value.
func (s *session) secret(ctx context.Context, id string) (map[string]any, error) {
	body, err := json.Marshal(map[string]string{"SecretId": id})
	if err != nil {
		return nil, err
	}
	address := s.endpoint("SECRETS_MANAGER", "secretsmanager")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/", strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	response, err := s.send(ctx, "secretsmanager", request, string(body))
	if err != nil {
		return nil, fmt.Errorf("could not connect to the endpoint URL: %q: %w", address, err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		kind, _ := answer["__type"].(string)
		message, _ := answer["Message"].(string)
		return nil, &serviceError{response.StatusCode, kind, message, "GetSecretValue"}
	}
	return answer, nil
}
