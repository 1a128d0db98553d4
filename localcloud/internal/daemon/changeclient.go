package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orchard/localcloud/internal/world"
)

// Inject asks the daemon of the folder for a fault in the world of a stack.
func (f Folder) Inject(ctx context.Context, stack, kind, target string, lasting time.Duration) (world.Fault, error) {
	var fault world.Fault
	query := url.Values{"kind": {kind}, "target": {target}, "for": {lasting.String()}}
	resp, err := f.change(ctx, http.MethodPost, query, "worlds", stack, "faults")
	if err != nil {
		return fault, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&fault); err != nil {
		return fault, fmt.Errorf("read fault: %w", err)
	}
	return fault, nil
}

// Revert ends a fault by its id, or "all".
func (f Folder) Revert(ctx context.Context, stack, id string) error {
	resp, err := f.change(ctx, http.MethodDelete, nil, "worlds", stack, "faults", id)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// SetDesired asks for a number of instances of a group.
func (f Folder) SetDesired(ctx context.Context, stack, group string, n int) error {
	resp, err := f.change(ctx, http.MethodPut, url.Values{"count": {strconv.Itoa(n)}}, "worlds", stack, "groups", group, "desired")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// FailOver asks for a failover of a database, by its name. It is under way
// when this returns.
func (f Folder) FailOver(ctx context.Context, stack, database string) error {
	resp, err := f.change(ctx, http.MethodPost, nil, "worlds", stack, "databases", database, "failover")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// change makes a request that may be refused; the error is the daemon's
// sentence then.
func (f Folder) change(ctx context.Context, method string, query url.Values, parts ...string) (*http.Response, error) {
	path := ""
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	resp, err := f.ask(ctx, method, path+"?"+query.Encode())
	if err != nil || resp.StatusCode < 300 {
		return resp, err
	}
	defer resp.Body.Close()
	why, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil {
		return nil, fmt.Errorf("read why the daemon refused: %w", err)
	}
	return nil, errors.New(strings.TrimSpace(string(why)))
}
