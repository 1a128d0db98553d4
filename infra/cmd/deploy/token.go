package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/spf13/cobra"
)

// tokenKey is the write token's place in the stack's configuration.
const tokenKey = projectName + ":writeToken"

// ensureToken gives the stack a write token: a load runner that of its
// service, a service that has none 32 random bytes in hexadecimal. It is a
// secret in the copy of the stack's file.
func (s *session) ensureToken(ctx context.Context, stack auto.Stack) error {
	token, err := s.readToken(ctx, stack)
	if err != nil || token != "" && s.service == "" {
		return err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails: see crypto/rand
	wanted := hex.EncodeToString(random[:])
	if s.service != "" {
		if wanted, err = s.serviceToken(ctx); err != nil || wanted == "" || wanted == token {
			return err
		}
	}
	err = stack.SetConfig(ctx, tokenKey, auto.ConfigValue{Value: wanted, Secret: true})
	if err != nil {
		return fmt.Errorf("set write token of stack %s: %w", s.stack, plainError(err))
	}
	return nil
}

// readToken is the stack's write token, or empty where it has none.
func (s *session) readToken(ctx context.Context, stack auto.Stack) (string, error) {
	all, err := stack.GetAllConfig(ctx)
	if err != nil {
		return "", fmt.Errorf("read configuration of stack %s: %w", s.stack, plainError(err))
	}
	return all[tokenKey].Value, nil
}

// printToken prints the token and nothing else.
func printToken(command *cobra.Command, o *options) error {
	ctx := command.Context()
	s, err := openSession(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	stack, found, err := s.find(ctx)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("stack %s is not there; run up first", o.stack)
	}
	token, err := s.readToken(ctx, stack)
	if err != nil {
		return err
	}
	if token == "" {
		return errors.New("the stack has no write token; run up first")
	}
	fmt.Fprintln(o.stdout, token)
	return nil
}
