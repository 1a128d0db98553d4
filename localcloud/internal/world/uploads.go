package world

import (
	"path/filepath"

	"orchard/localcloud/internal/uploads"
)

// Uploads is where the world keeps what its instances put.
func (w *World) Uploads() uploads.Folder { return UploadsIn(w.folder) }

// UploadsIn is Uploads of the world in a folder.
func UploadsIn(folder string) uploads.Folder { return uploads.Folder(filepath.Join(folder, "uploads")) }
