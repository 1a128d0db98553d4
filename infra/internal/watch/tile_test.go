package watch

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTiles(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][][3]int{
		1: {{0, 0, 24}},
		2: {{0, 0, 12}, {0, 12, 12}},
		4: {{0, 0, 8}, {0, 8, 8}, {0, 16, 8}, {1, 0, 8}},
	} {
		var got [][3]int
		for _, tile := range (Row{Charts: make([]Chart, n)}).Tiles(24) {
			got = append(got, [3]int{tile.Line, tile.X, tile.Width})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("line, x and width of %d charts over 24 columns (-want +got):\n%s", n, diff)
		}
	}
}
