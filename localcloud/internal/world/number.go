package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// A world's addresses are 127.W.zone.host. The number W is claimed for the
// whole machine by a file named W in a folder that all users share; the file
// names the world's folder, and the claim is void once
// that folder is gone.
const (
	firstNumber = 1
	lastNumber  = 250
)

// ClaimsFolder is where worlds claim their numbers. It is the same for every
// user and every state folder of a machine, because they share its loopback.
const ClaimsFolder = "/tmp/localcloud-worlds"

type claim struct {
	Folder string `json:"folder"`
}

// claimNumber takes the first free world number for a world's folder.
func claimNumber(folder, worldFolder string) (int, error) {
	if err := prepareClaims(folder); err != nil {
		return 0, err
	}
	for n := firstNumber; n <= lastNumber; n++ {
		ok, err := tryClaim(folder, n, worldFolder)
		if err != nil {
			return 0, err
		}
		if ok {
			return n, nil
		}
	}
	return 0, fmt.Errorf("all world numbers from %d to %d are claimed in %s: take a stack down first", firstNumber, lastNumber, folder)
}

func prepareClaims(folder string) error {
	err := os.Mkdir(folder, 0o777)
	if err == nil {
		err = os.Chmod(folder, 0o777|os.ModeSticky) // past the umask
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("claim world number: %w", err)
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return fmt.Errorf("claim world number: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("claim world number: %s is not a folder; remove it", folder)
	}
	return nil
}

// tryClaim links a complete claim into place, which only one can do. It reuses
// a void claim.
func tryClaim(folder string, n int, worldFolder string) (bool, error) {
	path := filepath.Join(folder, strconv.Itoa(n))
	if isVoid(path) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, nil // another user's; leave it
		}
	}
	data, err := json.Marshal(claim{Folder: worldFolder})
	if err != nil {
		return false, err
	}
	tmp, err := os.CreateTemp(folder, ".claim-*")
	if err != nil {
		return false, fmt.Errorf("claim world number: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return false, fmt.Errorf("claim world number: %w", err)
	}
	err = os.Link(tmp.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

// isVoid says whether the folder of a claim is certainly gone.
func isVoid(path string) bool {
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	var c claim
	if json.Unmarshal(data, &c) != nil {
		return false
	}
	_, err = os.Stat(c.Folder)
	return errors.Is(err, fs.ErrNotExist)
}

func releaseNumber(folder string, n int) error {
	err := os.Remove(filepath.Join(folder, strconv.Itoa(n)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Release gives back the number of the world in folder, which no daemon may
// have open. A folder without a world is no error.
func Release(folder string) error {
	s, err := loadState(filepath.Join(folder, StateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return releaseClaims(folder) // its number cannot be read
	}
	if err := releaseNumber(ClaimsFolder, s.Number); err != nil {
		return fmt.Errorf("release world number %d: %w", s.Number, err)
	}
	return removeIfEmpty(ClaimsFolder)
}

// releaseClaims gives back whatever is claimed for the folder.
func releaseClaims(folder string) error {
	for n := firstNumber; n <= lastNumber; n++ {
		data, err := os.ReadFile(filepath.Join(ClaimsFolder, strconv.Itoa(n)))
		var c claim
		if err == nil && json.Unmarshal(data, &c) == nil && c.Folder == folder {
			return errors.Join(releaseNumber(ClaimsFolder, n), removeIfEmpty(ClaimsFolder))
		}
	}
	return nil
}

// removeIfEmpty removes a folder with nothing in it; another user's may refuse,
// which is that user's affair.
func removeIfEmpty(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		return nil
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
