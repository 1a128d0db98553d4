package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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

// claimNumber takes the first free world number for a world's folder. Another
// world that gives its number back may remove the folder of claims at any
// moment, so that is made again.
func claimNumber(folder, worldFolder string) (int, error) {
	for range lastNumber {
		n, err := claimFirst(folder, worldFolder)
		if !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
	}
	return 0, fmt.Errorf("claim world number: folder %s does not stay", folder)
}

func claimFirst(folder, worldFolder string) (int, error) {
	if err := prepareClaims(folder); err != nil {
		return 0, err
	}
	busy, err := busyNumbers()
	if err != nil {
		return 0, err
	}
	for n := firstNumber; n <= lastNumber; n++ {
		if busy[n] {
			continue // something is left of a world whose folder is gone
		}
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

// busyNumbers are the numbers W with an address 127.W.x.y that is listened on,
// except 127.0.x.y, where everybody is.
func busyNumbers() (map[int]bool, error) {
	text, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return nil, fmt.Errorf("claim world number: %w", err)
	}
	busy := map[int]bool{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		const listens = "0A"
		// A local address is the hexadecimal IP, lowest byte first, and the port.
		if len(fields) < 4 || fields[3] != listens || len(fields[1]) < 8 || fields[1][6:8] != "7F" {
			continue
		}
		if n, err := strconv.ParseInt(fields[1][4:6], 16, 0); err == nil && n > 0 {
			busy[int(n)] = true
		}
	}
	return busy, nil
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

// InUse says whether the world in folder declares anything, or whether anything
// of it may run. A folder without a world is not in use.
func InUse(folder string) (bool, error) {
	s, err := loadState(filepath.Join(folder, StateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return len(s.Resources)+len(s.Instances)+len(s.Databases) > 0, nil
}
