package record

// Failure is why a request that was sent has no answer.
type Failure uint8

// The classes of errors. Each request counts for one alone, that of its last
// attempt.
const (
	Refused Failure = iota // the connection was refused
	Reset                  // the connection was reset, before or within the answer
	Cut                    // the connection was closed before the answer's end
	Garbage                // what came is no HTTP/1.1
	Timeout                // no whole answer within the timeout of the scheduled moment
	Connect                // no connection for another reason: no route, TLS, a name
	Stopped                // the run was stopped before the answer
	failures
)

var failureNames = [failures]string{"refused", "reset", "cut", "garbage", "timeout", "connect", "stopped"}

// String returns the name that results and reports use.
func (f Failure) String() string { return failureNames[f] }

// Kind is a kind of request.
type Kind struct {
	Name  string
	Write bool
}

// good tells whether a status is what the mix asks for: every other answer is
// counted as failed, for the mix sends nothing that a service may refuse.
func good(status int) bool { return status >= 200 && status < 400 }

// Counts are outcomes. Every request is exactly one of Answered, Errors, Late and
// Dropped:
//
//	Scheduled = Answered + Errors + Late + Dropped
//
// once the run has ended; within a window those still on their way are missing.
type Counts struct {
	Scheduled uint64 `json:"scheduled"` // their moment has come
	Answered  uint64 `json:"answered"`  // with a whole HTTP answer of any status
	Errors    uint64 `json:"errors"`    // sent, and not answered
	Late      uint64 `json:"late"`      // never sent: no connection was free within the timeout
	Dropped   uint64 `json:"dropped"`   // never sent: the run was stopped while they waited
	Failed    uint64 `json:"failed"`    // errors, late, dropped, and answers that are neither 2xx nor 3xx
	Retried   uint64 `json:"retried"`   // attempts beyond the first
	Behind    uint64 `json:"behind"`    // noticed later than Tolerance: the generator's own fault
}

// Add adds other counts.
func (c *Counts) Add(o Counts) {
	c.Scheduled += o.Scheduled
	c.Answered += o.Answered
	c.Errors += o.Errors
	c.Late += o.Late
	c.Dropped += o.Dropped
	c.Failed += o.Failed
	c.Retried += o.Retried
	c.Behind += o.Behind
}

// Missing returns how many scheduled requests have no outcome; after a run it is 0.
func (c Counts) Missing() int64 {
	return int64(c.Scheduled) - int64(c.Answered+c.Errors+c.Late+c.Dropped)
}

// KindCounts are the outcomes of one kind of request. Requests that were never
// sent have no kind yet.
type KindCounts struct {
	Answered uint64 `json:"answered"`
	Failed   uint64 `json:"failed"`
}
