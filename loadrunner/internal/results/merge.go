package results

import (
	"errors"
	"iter"
	"math"
	"time"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/record"
)

// Merge joins the results of folders, which ran at the same time or one after the
// other, into a new folder, and returns its document. Seconds are put together by
// the clocks of the nodes. Histograms are added up, so percentiles are those of all
// requests together; objectives are not carried over, as they were each node's, and raw
// records stay where they are.
func Merge(into string, folders []string) (*Document, error) {
	if len(folders) == 0 {
		return nil, errors.New("merge results: there are none")
	}
	var documents []*Document
	for _, folder := range folders {
		d, err := Load(folder)
		if err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	sum := join(documents)
	out, err := Create(into)
	if err != nil {
		return nil, err
	}
	return sum, errors.Join(mergeWindows(out, folders, documents, sum.Started), out.Finish(sum))
}

// join adds the documents up.
func join(documents []*Document) *Document {
	first := documents[0]
	sum := &Document{Result: record.NewResult()}
	sum.Target, sum.Loop, sum.Started = first.Target, first.Loop, first.Started
	if len(documents) == 1 {
		sum.Node = first.Node
	}
	for _, d := range documents {
		if d.Started.Before(sum.Started) {
			sum.Started = d.Started
		}
	}
	for _, d := range documents {
		offset := d.Started.Sub(sum.Started)
		sum.Merge(d.Result)
		sum.Seconds = max(sum.Seconds, offset.Seconds()+d.Seconds)
		sum.Planned = max(sum.Planned, offset.Seconds()+d.Planned)
		for _, e := range d.Events {
			sum.Events = append(sum.Events, Event{e.At + offset, e.Name})
		}
		if d.Ledger != nil {
			if sum.Ledger == nil {
				sum.Ledger = &ledger.Verdict{}
			}
			sum.Ledger.Merge(d.Ledger)
		}
	}
	sum.Judge()
	return sum
}

// stream is the windows of a folder, one at a time.
type stream struct {
	next   func() (*record.Window, error, bool)
	stop   func()
	offset int // seconds after the first node's start
	window *record.Window
}

func (s *stream) advance() error {
	w, err, ok := s.next()
	s.window = w
	if !ok || err != nil {
		s.window = nil
		return err
	}
	w.Second += s.offset
	return nil
}

// mergeWindows writes one window for each second in which any folder has one.
func mergeWindows(out *Writer, folders []string, documents []*Document, began time.Time) error {
	streams := make([]*stream, len(folders))
	for i, folder := range folders {
		s := &stream{offset: int(math.Round(documents[i].Started.Sub(began).Seconds()))}
		s.next, s.stop = iter.Pull2(Windows(folder))
		defer s.stop()
		if err := s.advance(); err != nil {
			return err
		}
		streams[i] = s
	}
	for {
		sum, err := mergeSecond(streams)
		if sum == nil || err != nil {
			return err
		}
		if err := out.Window(sum); err != nil {
			return err
		}
	}
}

// mergeSecond adds up the earliest windows, and returns nil when there are no more.
func mergeSecond(streams []*stream) (*record.Window, error) {
	second := math.MaxInt
	for _, s := range streams {
		if s.window != nil {
			second = min(second, s.window.Second)
		}
	}
	var sum *record.Window
	for _, s := range streams {
		if s.window == nil || s.window.Second != second {
			continue
		}
		if sum == nil {
			sum = s.window
			sum.Records = record.Records{}
		} else {
			sum.Merge(s.window)
		}
		if err := s.advance(); err != nil {
			return nil, err
		}
	}
	return sum, nil
}
