package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Verdict is what became of the acknowledged writes.
type Verdict struct {
	Acknowledged uint64 `json:"acknowledged"` // creates and updates
	Entries      uint64 `json:"entries"`      // whose creation was acknowledged
	Found        uint64 `json:"found"`        // of the run's rows, acknowledged or not
	Lost         uint64 `json:"lost"`
	Doubled      uint64 `json:"doubled"`
	Wrong        uint64 `json:"wrong"`
	// Examples are the first of what is lost, doubled or wrong, at most 10.
	Examples []string `json:"examples,omitempty"`
}

// Merge adds the verdict of another run.
func (v *Verdict) Merge(o *Verdict) {
	v.Acknowledged += o.Acknowledged
	v.Entries += o.Entries
	v.Found += o.Found
	v.Lost += o.Lost
	v.Doubled += o.Doubled
	v.Wrong += o.Wrong
	v.Examples = append(v.Examples, o.Examples...)
	v.Examples = v.Examples[:min(len(v.Examples), examples)]
}

const examples = 10

func (v *Verdict) example(format string, args ...any) {
	if len(v.Examples) < examples {
		v.Examples = append(v.Examples, fmt.Sprintf(format, args...))
	}
}

// row is an entry as the service's list has it.
type row struct {
	ID    uint32 `json:"id"`
	Name  string `json:"name"`
	Price string `json:"price"`
	Stock int64  `json:"stock"`
}

// page is how many rows are asked for at once, the most that the service gives.
const page = 1000

// patience is how long a page is asked for again: a service that has just lost its
// database is given the time to find another.
const patience = time.Minute

// Check reads all rows of the run back from the service at base and compares them.
func (l *Ledger) Check(ctx context.Context, base string) (Verdict, error) {
	v := Verdict{Acknowledged: l.writes, Entries: l.entries, Doubled: l.doubled}
	if l.doubled > 0 {
		v.example("%d repeated creates were refused", l.doubled)
	}
	b, err := l.index()
	if err != nil {
		return v, err
	}
	defer b.file.Close()
	for after := uint32(0); ; {
		rows, err := l.fetch(ctx, base, after)
		if err != nil {
			return v, fmt.Errorf("read back the writes: %w", err)
		}
		for _, r := range rows {
			if err := l.compare(b, r, &v); err != nil {
				return v, err
			}
		}
		if len(rows) < page {
			break
		}
		after = rows[len(rows)-1].ID
	}
	return v, l.missing(b, &v)
}

// compare holds a row to its entry, and marks the entry as found.
func (l *Ledger) compare(b *book, r row, v *Verdict) error {
	v.Found++
	number, ok := l.number(r.Name)
	if !ok {
		v.Wrong++
		v.example("wrong: nobody has sent the name %s, at id %d", r.Name, r.ID)
		return nil
	}
	mark, e, err := b.get(number)
	if err != nil {
		return err
	}
	stock := r.Stock
	switch {
	case mark == found, mark == acknowledged && r.ID != e.ID:
		v.Doubled++
		v.example("doubled: %s is there again, at id %d", r.Name, r.ID)
		return nil
	case r.Price != Price(number):
		v.Wrong++
		v.example("wrong: %s has the price %s, sent was %s", r.Name, r.Price, Price(number))
	case mark == acknowledged && stock < int64(e.Stock):
		v.Lost++
		v.example("lost: update %d of %s; it is at %d", e.Stock, r.Name, stock)
	case mark == acknowledged && stock != int64(e.Stock) && stock != int64(e.Tried):
		v.Wrong++
		v.example("wrong: %s is at update %d, sent were at most %d", r.Name, stock, e.Tried)
	}
	return b.put(found, number, e)
}

// missing counts the entries that were acknowledged and not found.
func (l *Ledger) missing(b *book, v *Verdict) error {
	return l.each(func(e Entry) error {
		mark, _, err := b.get(e.Number)
		if err == nil && mark != found {
			v.Lost++
			v.example("lost: %s, acknowledged at id %d", l.Name(e.Number), e.ID)
		}
		return err
	})
}

// fetch asks for the page of rows after an id, again and again within patience.
func (l *Ledger) fetch(ctx context.Context, base string, after uint32) ([]row, error) {
	query := url.Values{"name__startswith": {l.Prefix()}, "limit": {strconv.Itoa(page)}, "after": {strconv.Itoa(int(after))}}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		rows, err := fetchOnce(ctx, base+"/api/v1/fruit/?"+query.Encode())
		if err == nil {
			return rows, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func fetchOnce(ctx context.Context, address string) ([]row, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		return nil, fmt.Errorf("GET %s: %s", address, resp.Status)
	}
	var list struct {
		Objects []row `json:"objects"`
	}
	if err := json.NewDecoder(bufio.NewReader(resp.Body)).Decode(&list); err != nil {
		return nil, fmt.Errorf("GET %s: %w", address, err)
	}
	return list.Objects, nil
}
