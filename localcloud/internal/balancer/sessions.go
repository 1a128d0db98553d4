package balancer

import "sync"

// sessions are the open ones of a listener.
type sessions struct {
	mu   sync.Mutex
	open map[*session]struct{}
	all  sync.WaitGroup
}

func (s *sessions) add(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[*session]struct{}{}
	}
	s.open[one] = struct{}{}
}

func (s *sessions) remove(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, one)
}

func (s *sessions) each(f func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.open {
		f(one)
	}
}
