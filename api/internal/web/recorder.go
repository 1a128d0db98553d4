package web

import "net/http"

// recorder remembers the status of an answer, for metrics and logs, and the
// route that gave it.
type recorder struct {
	http.ResponseWriter
	status int
	route  string
}

// WriteHeader passes the status on; only the first that is final counts.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write is an answer of 200 where no status was written.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController and http.MaxBytesReader reach the
// connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
