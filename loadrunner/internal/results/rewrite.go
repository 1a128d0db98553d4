package results

import "fmt"

// Rewrite replaces the document of a folder, to which something was added after the
// run, such as events.
func Rewrite(folder string, d *Document) error {
	if err := save(folder, d); err != nil {
		return fmt.Errorf("rewrite results: %w", err)
	}
	return nil
}
