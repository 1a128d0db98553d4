package watch

// mostInLine is how many charts lie beside each other, on every page.
const mostInLine = 3

// Tile is where a chart lies below the title of its row.
type Tile struct {
	Chart Chart
	// Line counts from 0 downwards; X and Width are in columns of the page.
	Line, X, Width int
}

// Tiles lays the row's charts out over a page of so many columns, all equally
// wide.
func (r Row) Tiles(columns int) []Tile {
	width := columns / min(len(r.Charts), mostInLine)
	tiles := make([]Tile, len(r.Charts))
	for i, chart := range r.Charts {
		tiles[i] = Tile{chart, i / mostInLine, i % mostInLine * width, width}
	}
	return tiles
}
