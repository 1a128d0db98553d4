package drill

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Table writes a line for each verdict, for people.
func Table(w io.Writer, verdicts []Verdict) error {
	if len(verdicts) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CLOUD\tDRILL\tVERDICT\tREQUESTS\tFAILED\tMAY\tGAP\tMAY\tNO WRITE\tMAY\tRECOVERED\tWHOLE\tACKNOWLEDGED\tLOST\tDOUBLED")
	for _, v := range verdicts {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\n",
			v.Cloud, v.Drill, v.Verdict, v.Requests, v.Failed, v.Bound.Failed,
			short(v.LongestGap), v.Bound.Gap, short(v.LongestNoWrite), v.Bound.WriteGap,
			short(v.Recovered), short(v.Whole), v.Acknowledged, v.Lost, v.Duplicated)
	}
	for _, v := range verdicts {
		for _, reason := range v.Reasons {
			fmt.Fprintf(t, "%s\t%s: %s\n", v.Cloud, v.Drill, reason)
		}
	}
	return t.Flush()
}

func short(ms int64) string {
	return (time.Duration(ms) * time.Millisecond).Round(100 * time.Millisecond).String()
}
