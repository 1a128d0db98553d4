package engine

// ring is a line of at most as many numbers as it was made for.
type ring struct {
	at    []int
	first int
	n     int
}

func newRing(size int) ring { return ring{at: make([]int, size)} }

func (r *ring) len() int { return r.n }

func (r *ring) push(i int) {
	end := r.first + r.n
	if end >= len(r.at) {
		end -= len(r.at)
	}
	r.at[end] = i
	r.n++
}

func (r *ring) pop() int {
	i := r.at[r.first]
	if r.first++; r.first == len(r.at) {
		r.first = 0
	}
	r.n--
	return i
}
