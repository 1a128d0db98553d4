package fruit

// Problem is one thing that is wrong with one field or parameter. Reason is
// for programs and stays the same; Detail is for people.
type Problem struct {
	Field  string // "" : the body as a whole
	Reason Reason
	Detail string
}

// Reason says in a machine-readable word why a value was refused.
type Reason string

const (
	Malformed   Reason = "malformed"    // not JSON, or not an object
	NotUTF8     Reason = "not-utf8"     // bytes or escapes that are no character
	Duplicate   Reason = "duplicate"    // the same member twice
	Required    Reason = "required"     // missing and without a default
	Null        Reason = "null"         // null where a value is needed
	WrongType   Reason = "wrong-type"   // another JSON type
	Empty       Reason = "empty"        // no character
	TooLong     Reason = "too-long"     // more characters than fit
	NotAllowed  Reason = "not-allowed"  // a character, lookup or ordering that is not offered
	NotANumber  Reason = "not-a-number" // text that is no decimal
	NotAnInt    Reason = "not-an-integer"
	TooPrecise  Reason = "too-precise" // more decimals than are kept
	OutOfRange  Reason = "out-of-range"
	Conflicting Reason = "conflicting" // does not go with another parameter
)
