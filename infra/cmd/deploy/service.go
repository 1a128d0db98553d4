package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

// findService notes the stack whose service a load runner asks.
func (s *session) findService(configured config.Map) error {
	text := func(key string) (string, error) {
		value, ok := configured[config.MustMakeKey(projectName, key)]
		if !ok || value.Secure() {
			return "", nil
		}
		return value.Value(config.NopDecrypter)
	}
	role, err := text("role")
	if err != nil || role != "loadrunner" {
		return err
	}
	s.service, err = text("serviceStack")
	return err
}

// serviceToken is the write token of the service's stack, where deploy has
// taken that up in the same work folder. It is empty for a stack that somebody
// else has: then the token is to be configured, as with Pulumi itself.
func (s *session) serviceToken(ctx context.Context) (string, error) {
	if strings.Contains(s.service, "/") {
		return "", nil
	}
	folder := filepath.Join(filepath.Dir(s.path), s.service)
	if _, err := os.Stat(filepath.Join(folder, "Pulumi.yaml")); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("stack %s, whose service the load runner asks, is not there; take it up first", s.service)
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(folder))
	if err != nil {
		return "", fmt.Errorf("open workspace of stack %s: %w", s.service, err)
	}
	stack, err := auto.SelectStack(ctx, s.service, ws)
	if err != nil {
		return "", fmt.Errorf("open stack %s, whose service the load runner asks; take it up first: %w", s.service, plainError(err))
	}
	token, err := s.readToken(ctx, stack)
	if err == nil && token == "" {
		err = fmt.Errorf("stack %s has no write token; take it up first", s.service)
	}
	return token, err
}
