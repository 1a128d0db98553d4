package web

// problems are all kinds of problem that the service answers, for its
// documentation.
func problems() []*problem {
	return []*problem{
		invalidBody(nil), invalidQuery(nil), errKeyInvalid, errUnreadable, errUnauthorized, errNoSuchPath, errNotFound,
		notAllowed(""), errSlow, errNameTaken, errExhausted, errPrecondition, errTooLarge, errMediaType, errKeyReused,
		errFault, errBusy, errAway, errDraining, errUnknown,
	}
}
