// Package scorecard judges what a production-sized stack declares against the
// controls of its cloud: on AWS those of Security Hub's foundational best
// practices.
//
// A row is one control. Its check reads the planned resources (package
// planned) and nothing else, so that it needs no account and runs in a test. A
// row ends in one of four states, each with its reason; a failure that is
// accepted has a waiver, which says why, and only a failure can be waived.
//
// What surprises: a check that finds nothing to judge fails, because a control
// that holds for want of a resource would hold for an empty stack; rows that
// hold for want of a resource by the control's own words say so. A property
// whose value is not known before it is up counts as absent.
//
// Left out: what is set for a whole account or region, because a stack that
// set it would change its neighbours. Such rows are not checkable.
package scorecard

import "orchard/infra/internal/planned"

// State is what became of a row.
type State string

// The states of a row.
const (
	Pass State = "pass"
	Fail State = "fail"
	// Waived is a failure that is accepted.
	Waived State = "waived"
	// NotCheckable is a row that no plan of a stack can decide.
	NotCheckable State = "not-checkable"
)

// Row is one control.
type Row struct {
	// ID is the control's id, or several with commas between.
	ID string
	// Setting is what the control wants, in words.
	Setting string
	Check   Check
	// Waiver is why a failure is accepted, or empty.
	Waiver string
}

// Check gives the state of a control for a stack, and the reason: what was
// found. It does not know the row's waiver.
type Check func(planned.Stack) (State, string)

// Result is a row that was judged.
type Result struct {
	ID      string `json:"id"`
	Setting string `json:"setting"`
	State   State  `json:"state"`
	Reason  string `json:"reason"`
}

// Judge gives one result a row, in the rows' order.
func Judge(stack planned.Stack, rows []Row) []Result {
	results := make([]Result, len(rows))
	for i, row := range rows {
		state, reason := row.Check(stack)
		if state == Fail && row.Waiver != "" {
			state, reason = Waived, row.Waiver+" ("+reason+")"
		}
		results[i] = Result{ID: row.ID, Setting: row.Setting, State: state, Reason: reason}
	}
	return results
}

// Count is the number of results in one state.
func Count(results []Result, state State) (n int) {
	for _, result := range results {
		if result.State == state {
			n++
		}
	}
	return n
}
