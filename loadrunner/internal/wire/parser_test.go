package wire

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type result struct {
	Status int
	Close  bool
	ID     int64
	Used   int
	Done   bool
}

var answers = []struct {
	name, text string
	want       result
	err        error
}{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP", result{Status: 200, Used: 43, Done: true}, nil},
	{"no body", "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", result{Status: 204, Used: 36, Done: true}, nil},
	{"created", "HTTP/1.1 201 Created\r\nlocation: /api/v1/fruit/42/\r\ncontent-length:0\r\n\r\n", result{Status: 201, ID: 42, Used: 71, Done: true}, nil},
	{"an absolute location", "HTTP/1.1 201 \r\nLocation: http://a/b/7\r\nContent-Length: 0\r\n\r\n", result{Status: 201, ID: 7, Used: 60, Done: true}, nil},
	{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n", result{Status: 200, Used: 87, Done: true}, nil},
	{"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", result{Status: 200, Close: true, Used: 57, Done: true}, nil},
	{"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", result{Status: 200, Close: true, Used: 39, Done: true}, nil},
	{"1.0 kept", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", result{Status: 200, Used: 63, Done: true}, nil},
	{"until the end", "HTTP/1.1 200 OK\r\n\r\nwhatever", result{Status: 200, Close: true, Used: 27}, nil},
	{"continue first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", result{Status: 202, Used: 69, Done: true}, nil},
	{"bare line ends", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", result{Status: 200, Used: 37, Done: true}, nil},
	{"unfinished", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", result{Status: 200, Used: 43}, nil},
	{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", result{}, ErrGarbage},
	{"no number", "HTTP/1.1 2x0 OK\r\n", result{}, ErrGarbage},
	{"a header without a name", "HTTP/1.1 200 OK\r\nnonsense\r\n", result{}, ErrGarbage},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n", result{}, ErrGarbage},
	{"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", result{}, ErrGarbage},
	{"a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", result{}, ErrGarbage},
	{"a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", result{}, ErrGarbage},
}

func feed(p *Parser, text string, size int) (result, error) {
	var r result
	for r.Used < len(text) && !r.Done {
		n, done, err := p.Feed([]byte(text[r.Used:min(r.Used+size, len(text))]))
		if err != nil {
			return result{}, err
		}
		r.Used, r.Done = r.Used+n, done
	}
	r.Status, r.Close, r.ID = p.Status, p.Close, p.ID
	return r, nil
}

// TestFeed cuts every answer into pieces of every size.
func TestFeed(t *testing.T) {
	t.Parallel()
	for _, test := range answers {
		var p Parser
		for size := 1; size <= len(test.text); size++ {
			p.Reset()
			got, err := feed(&p, test.text, size)
			if !errors.Is(err, test.err) {
				t.Errorf("%s in pieces of %d: error %v, want %v", test.name, size, err, test.err)
				continue
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s in pieces of %d (-want +got):\n%s", test.name, size, diff)
			}
		}
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"":                              ErrCut,
		"HTTP/1.1 200 OK\r\nContent-Le": ErrCut,
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello": ErrCut,
		"HTTP/1.1 200 OK\r\n\r\nhello":                      nil,
	} {
		var p Parser
		if _, err := feed(&p, text, len(text)); err != nil {
			t.Fatalf("feed %q: %v", text, err)
		}
		if got := p.End(); !errors.Is(got, want) {
			t.Errorf("the connection ends after %q: %v, want %v", text, got, want)
		}
	}
}

func FuzzFeed(f *testing.F) {
	for _, test := range answers {
		f.Add(test.text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = max(1, size)
		var whole, pieces Parser
		want, wantErr := feed(&whole, text, max(1, len(text)))
		got, err := feed(&pieces, text, size)
		if (err == nil) != (wantErr == nil) || got != want {
			t.Errorf("%q in pieces of %d: %+v, %v; whole: %+v, %v", text, size, got, err, want, wantErr)
		}
	})
}
