package objective

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orchard/loadrunner/internal/ledger"
	"orchard/loadrunner/internal/record"
)

// result has 1000 requests in 10 s, of which 1 failed; response times are 1 to 999 ms.
func result() *record.Result {
	r := record.NewResult()
	r.Counts = record.Counts{Scheduled: 1000, Answered: 999, Errors: 1, Failed: 1}
	r.Planned, r.Seconds = 10, 10.5
	for i := range 999 {
		r.Response.Add(time.Duration(i+1) * time.Millisecond)
	}
	return r
}

func TestJudge(t *testing.T) {
	t.Parallel()
	written := &ledger.Verdict{Acknowledged: 100, Doubled: 2}
	tests := []struct {
		text    string
		verdict *ledger.Verdict
		want    Outcome
	}{
		{"p99 < 995ms", nil, Outcome{"p99 < 995ms", "990.207ms", true}},
		{"p99 < 989ms", nil, Outcome{"p99 < 989ms", "990.207ms", false}},
		{"p50 <= 1s", nil, Outcome{"p50 <= 1s", "500.223ms", true}},
		{"errors < 0.1%", nil, Outcome{"errors < 0.1%", "0.1%", false}},
		{"errors  <=  0.1%", nil, Outcome{"errors <= 0.1%", "0.1%", true}},
		{"failed == 0", nil, Outcome{"failed == 0", "1", false}},
		{"rate >= 99.9", nil, Outcome{"rate >= 99.9", "99.9", true}},
		{"rate > 99.9", nil, Outcome{"rate > 99.9", "99.9", false}},
		{"lost == 0", written, Outcome{"lost == 0", "0", true}},
		{"doubled == 0", written, Outcome{"doubled == 0", "2", false}},
		{"acknowledged >= 100", written, Outcome{"acknowledged >= 100", "100", true}},
		{"lost == 0", nil, Outcome{"lost == 0", "not measured", false}},
		{"lost == 0", &ledger.Verdict{}, Outcome{"lost == 0", "not measured", false}},
	}
	for _, test := range tests {
		o, err := Parse(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, o.Judge(result(), test.verdict)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestNothingAnsweredMeetsNoBound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"p99 < 50ms", "errors < 1%", "rate > 0"} {
		o, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Judge(record.NewResult(), nil); got.Met {
			t.Errorf("%q is met by nothing: %+v", text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"p99<50ms":      "metric, comparison and bound",
		"p98 < 50ms":    "there is no metric p98; there are acknowledged,",
		"p99 = 50ms":    "compare with",
		"p99 < 50":      "a time such as 50ms",
		"errors < 0.1":  "a share such as 0.1%",
		"lost == none":  "the bound is a number",
		"errors < %":    "a share such as",
		"p99 < 50ms or": "metric, comparison and bound",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want an error with %q", text, err, want)
		}
	}
}
