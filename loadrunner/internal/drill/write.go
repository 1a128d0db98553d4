package drill

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// write writes the verdict down as CLOUD-DRILL.json.
func (c *course) write(v Verdict) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Folder, c.cloud+"-"+c.Drill+".json"), append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	return nil
}
