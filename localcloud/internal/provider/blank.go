package provider

import (
	"context"
	"errors"

	"orchard/localcloud/internal/uploads"
	"orchard/localcloud/internal/world"
)

// Blank is the world of a stack of which nothing is up and nothing will be: a
// server with PlanOnly asks it, and whoever wants to change it is refused.
type Blank struct{}

var errBlank = errors.New("only previews are answered here, so nothing can be taken up; `make up` takes a stack up")

func (Blank) Resources() []world.Resource                      { return nil }
func (Blank) Lookup(string) (world.Resource, bool)             { return world.Resource{}, false }
func (Blank) Unconfirmed(string) (world.Resource, bool)        { return world.Resource{}, false }
func (Blank) Put(context.Context, world.Resource) error        { return errBlank }
func (Blank) Remove(context.Context, string) error             { return errBlank }
func (Blank) Settle(context.Context, string) error             { return errBlank }
func (Blank) SettleRemoved(context.Context, string) error      { return errBlank }
func (Blank) Uploads() uploads.Folder                          { return "" }
func (Blank) Number() int                                      { return 0 }
func (Blank) Host(kind, id string) (address string, err error) { return "", errBlank }
