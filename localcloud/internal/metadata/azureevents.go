package metadata

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxStartRequests bounds the body of an approval, in bytes.
const maxStartRequests = 64 << 10

// Event is a scheduled event of an instance.
type Event struct {
	ID        string
	Type      string // "Terminate"
	Resource  string // the instance's name
	NotBefore time.Time
	Source    string // "User" or "Platform"
}

// Events are the scheduled events of one instance. Its methods may be called
// from any goroutine.
type Events struct {
	mu          sync.Mutex
	incarnation int // changes with every change of the list
	events      []*scheduled
}

type scheduled struct {
	Event
	approved chan struct{}
	started  bool
}

// NewEvents makes an empty list.
func NewEvents() *Events { return &Events{incarnation: 1} }

// Announce puts an event on the list. The channel is closed when the instance
// approves it. An event that is on the list keeps the time it has.
func (e *Events) Announce(event Event) (approved <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.find(event.ID); s != nil {
		return s.approved
	}
	s := &scheduled{Event: event, approved: make(chan struct{})}
	e.events = append(e.events, s)
	e.incarnation++
	return s.approved
}

// Withdraw takes an event off the list.
func (e *Events) Withdraw(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := len(e.events)
	e.events = slices.DeleteFunc(e.events, func(s *scheduled) bool { return s.ID == id })
	if len(e.events) != before {
		e.incarnation++
	}
}

func (e *Events) find(id string) *scheduled {
	i := slices.IndexFunc(e.events, func(s *scheduled) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return e.events[i]
}

// approve starts events; all of them or, where one is not known, none.
func (e *Events) approve(ids []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var problems []error
	for _, id := range ids {
		if e.find(id) == nil {
			problems = append(problems, fmt.Errorf("event %q is not scheduled", id))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for _, id := range ids {
		if s := e.find(id); !s.started {
			s.started = true
			e.incarnation++
			close(s.approved)
		}
	}
	return nil
}

// document is the list as the service writes it.
func (e *Events) document() map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := []any{}
	for _, s := range e.events {
		status, notBefore := "Scheduled", s.NotBefore.UTC().Format(http.TimeFormat)
		if s.started {
			status, notBefore = "Started", ""
		}
		list = append(list, map[string]any{
			"EventId": s.ID, "EventType": s.Type, "EventStatus": status, "NotBefore": notBefore,
			"ResourceType": "VirtualMachine", "Resources": []string{s.Resource},
			"Description": "", "EventSource": s.Source, "DurationInSeconds": -1,
		})
	}
	return map[string]any{"DocumentIncarnation": e.incarnation, "Events": list}
}

func (s *azureServer) listEvents(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.Events.document())
}

// startEvents approves events: the cloud need not wait for their time.
func (s *azureServer) startEvents(w http.ResponseWriter, r *http.Request) {
	var body struct {
		StartRequests []struct{ EventId string } //nolint:revive // the service's spelling
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxStartRequests)).Decode(&body); err != nil || len(body.StartRequests) == 0 {
		azureError(w, http.StatusBadRequest, "Bad request. The body names no StartRequests")
		return
	}
	var ids []string
	for _, request := range body.StartRequests {
		ids = append(ids, request.EventId)
	}
	if err := s.Events.approve(ids); err != nil {
		azureError(w, http.StatusBadRequest, "Bad request. "+err.Error())
		return
	}
	w.WriteHeader(http.StatusOK)
}
