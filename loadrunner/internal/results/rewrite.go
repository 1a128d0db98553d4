package results

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Rewrite replaces the document of a folder, to which something was added after the
// run, such as events.
func Rewrite(folder string, d *Document) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, runFile), append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("rewrite results: %w", err)
	}
	return nil
}
