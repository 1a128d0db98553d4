package provider

import (
	"context"
	"sync"

	"google.golang.org/grpc/stats"
)

// session is one connection: one provider instance of one program.
type session struct {
	mu     sync.Mutex
	folder string // of the program, where relative paths of assets start
	config Inputs // nil before Configure
}

type sessionKey struct{}

func sessionOf(ctx context.Context) *session {
	if s, ok := ctx.Value(sessionKey{}).(*session); ok {
		return s
	}
	return &session{}
}

func (s *session) configure(config Inputs) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config = config
}

func (s *session) enter(folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder = folder
}

func (s *session) get() (config Inputs, folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config, s.folder
}

// tagger gives each connection its session.
type tagger struct{}

func (tagger) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, sessionKey{}, &session{})
}

func (tagger) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (tagger) HandleConn(context.Context, stats.ConnStats)                     {}
func (tagger) HandleRPC(context.Context, stats.RPCStats)                       {}
