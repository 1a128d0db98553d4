package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// copyObject is `aws s3 cp`, from s3://BUCKET/KEY to a file or back.
func copyObject(ctx context.Context, s *session, c *call, stdout, stderr io.Writer) int {
	from, isObject := objectOf(c.args[0])
	to, intoObject := objectOf(c.args[1])
	switch {
	case isObject && !strings.HasPrefix(c.args[1], "s3://"):
		return downloadObject(ctx, s, c, from, stdout, stderr)
	case intoObject && !strings.HasPrefix(c.args[0], "s3://"):
		return uploadObject(ctx, s, c, to, stdout, stderr)
	}
	fmt.Fprintf(stderr, "\naws: [ERROR]: s3 cp %s %s is not supported by this image: only between s3://BUCKET/KEY and a file\n", c.args[0], c.args[1])
	return awsUsage
}

// object is an object's address.
type object struct{ bucket, key string }

func objectOf(address string) (object, bool) {
	rest, ok := strings.CutPrefix(address, "s3://")
	bucket, key, _ := strings.Cut(rest, "/")
	return object{bucket, key}, ok && bucket != "" && key != "" && !strings.HasSuffix(key, "/")
}

// uploadObject sends a file. Like the real one it answers 1 and says
// "upload failed" where the service refuses.
func uploadObject(ctx context.Context, s *session, c *call, to object, stdout, stderr io.Writer) int {
	content, err := os.ReadFile(c.args[0])
	if err != nil {
		if c.option("quiet") == "" {
			fmt.Fprintf(stderr, "\nThe user-provided path %s does not exist.\n", c.args[0])
		}
		return awsGeneral
	}
	if err := s.put(ctx, to.bucket, to.key, content); err != nil {
		fmt.Fprintf(stderr, "upload failed: %s to %s %v\n", c.args[0], c.args[1], err)
		return awsTransfer
	}
	if c.option("quiet") == "" && c.option("only-show-errors") == "" {
		fmt.Fprintf(stdout, "upload: %s to %s\n", c.args[0], c.args[1])
	}
	return 0
}

// downloadObject asks for the head first, like the real one, so that a refusal
// shows as the bare status.
func downloadObject(ctx context.Context, s *session, c *call, from object, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		if c.option("quiet") == "" {
			fmt.Fprintln(stderr, "fatal error: "+err.Error())
		}
		return awsTransfer
	}
	bucket, key := from.bucket, from.key
	target := c.args[1]
	if info, err := os.Stat(target); err == nil && info.IsDir() || strings.HasSuffix(target, "/") {
		target = filepath.Join(target, path.Base(key))
	}
	head, err := s.get(ctx, http.MethodHead, bucket, key)
	if err != nil {
		return fail(err)
	}
	head.Body.Close()
	if _, err := download(ctx, s, bucket, key, target); err != nil {
		fmt.Fprintf(stderr, "download failed: %s to %s %v\n", c.args[0], target, err)
		return awsTransfer
	}
	if c.option("quiet") == "" && c.option("only-show-errors") == "" {
		fmt.Fprintf(stdout, "download: %s to %s\n", c.args[0], target)
	}
	return 0
}

// getObject is `aws s3api get-object --bucket B --key K PATH`.
func getObject(ctx context.Context, s *session, c *call, stdout, stderr io.Writer) int {
	header, err := download(ctx, s, c.option("bucket"), c.option("key"), c.args[0])
	if err != nil {
		return lowLevel(err, stderr)
	}
	return printJSON(stdout, stderr, map[string]any{
		"ContentLength": json.Number(header.Get("Content-Length")),
		"ContentType":   header.Get("Content-Type"),
		"ETag":          header.Get("ETag"),
		"LastModified":  header.Get("Last-Modified"),
		"Metadata":      map[string]string{},
	})
}

// getSecretValue is `aws secretsmanager get-secret-value --secret-id ID`.
func getSecretValue(ctx context.Context, s *session, c *call, stdout, stderr io.Writer) int {
	query, output := c.option("query"), c.option("output")
	if query != "" && (query != "SecretString" || output != "text") || query == "" && output != "" && output != "json" {
		fmt.Fprintln(stderr, "\naws: [ERROR]: only --query SecretString --output text, or --output json, is supported by this image")
		return awsUsage
	}
	answer, err := s.secret(ctx, c.option("secret-id"))
	if err != nil {
		return lowLevel(err, stderr)
	}
	if query != "" {
		fmt.Fprintln(stdout, answer["SecretString"])
		return 0
	}
	return printJSON(stdout, stderr, answer)
}

// lowLevel reports an error of a command that is one call of the service.
func lowLevel(err error, stderr io.Writer) int {
	fmt.Fprintf(stderr, "\naws: [ERROR]: %v\n", err)
	var answered *serviceError
	if errors.As(err, &answered) {
		return awsService
	}
	return awsGeneral
}

func printJSON(stdout, stderr io.Writer, answer any) int {
	text, err := json.MarshalIndent(answer, "", "    ")
	if err != nil {
		return lowLevel(err, stderr)
	}
	fmt.Fprintln(stdout, string(text))
	return 0
}

// download writes an object to a file that appears whole or not at all.
func download(ctx context.Context, s *session, bucket, key, target string) (http.Header, error) {
	response, err := s.get(ctx, http.MethodGet, bucket, key)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return nil, err
	}
	part, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".")
	if err != nil {
		return nil, err
	}
	defer os.Remove(part.Name()) // gone after the rename
	_, err = io.Copy(part, response.Body)
	err = errors.Join(err, part.Chmod(0o644), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), target)
	}
	return response.Header, err
}
