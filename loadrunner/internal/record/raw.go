package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Raw is one request as it was. Moments are times after the start of the run.
type Raw struct {
	Scheduled time.Duration
	Started   time.Duration // the sending of the last attempt; Finished where it was never sent
	Finished  time.Duration
	Class     int // the status, or below 0 why there is none
}

// The classes of requests that were never sent come after those of failures.
const (
	lateClass    = -1 - int(failures)
	droppedClass = lateClass - 1
)

// Outcome names the class: 200, timeout, late.
func (r Raw) Outcome() string {
	switch {
	case r.Class == lateClass:
		return "late"
	case r.Class == droppedClass:
		return "dropped"
	case r.Class < 0:
		return Failure(-1 - r.Class).String()
	}
	return strconv.Itoa(r.Class)
}

// mostRaw bounds the records of a second, in bytes: those of 40,000 requests or so.
const mostRaw = 512 << 10

// Records are the raw records of a second in the order in which they ended, each as
// four varints: the scheduled moment after that of the record before, the time from
// there to the start, the time from there to the end, all in ns, and the class.
type Records struct {
	Bytes []byte `json:"bytes,omitempty"` // base64 in JSON
	// Left is how many requests were left out, as a second has room for so many.
	Left uint64 `json:"left_out,omitempty"`

	last time.Duration // scheduled, of the record before
}

// add writes a record down.
func (r *Records) add(one Raw) {
	if len(r.Bytes) > mostRaw-4*binary.MaxVarintLen64 {
		r.Left++
		return
	}
	r.Bytes = binary.AppendVarint(r.Bytes, int64(one.Scheduled-r.last))
	r.Bytes = binary.AppendVarint(r.Bytes, int64(one.Started-one.Scheduled))
	r.Bytes = binary.AppendVarint(r.Bytes, int64(one.Finished-one.Started))
	r.Bytes = binary.AppendVarint(r.Bytes, int64(one.Class))
	r.last = one.Scheduled
}

// reset makes room for another second.
func (r *Records) reset() { *r = Records{Bytes: r.Bytes[:0]} }

var errCutRecords = errors.New("they end within a record")

// All returns the records one after the other.
func (r *Records) All() ([]Raw, error) {
	var all []Raw
	scheduled := int64(0)
	for rest := r.Bytes; len(rest) > 0; {
		var n [4]int64
		for i := range n {
			value, size := binary.Varint(rest)
			if size <= 0 {
				return nil, fmt.Errorf("read records: %w", errCutRecords)
			}
			n[i], rest = value, rest[size:]
		}
		scheduled += n[0]
		started := scheduled + n[1]
		all = append(all, Raw{time.Duration(scheduled), time.Duration(started), time.Duration(started + n[2]), int(n[3])})
	}
	return all, nil
}
