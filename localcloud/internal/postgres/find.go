package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// MinMajor is the oldest PostgreSQL that is accepted.
const MinMajor = 14

// programs are what a folder must hold to count as an installation.
var programs = []string{"initdb", "postgres", "pg_ctl", "pg_basebackup"}

// folderPatterns are where distributions put the programs (Debian, Red Hat,
// a build from source), beside PATH.
var folderPatterns = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"}

// Install is an installed PostgreSQL.
type Install struct {
	Bin     string `json:"bin"`     // folder of the programs
	Version string `json:"version"` // as it prints it: "15.13"
	Major   int    `json:"major"`
}

// Search says where to look for PostgreSQL.
type Search struct {
	Folder string // look here alone, where given
	Path   string // a PATH to search besides the usual folders
	Prefer int    // a major version to take where it is installed; 0 takes the newest
}

// ErrNotInstalled is what Find returns when no PostgreSQL can be used.
var ErrNotInstalled = errors.New("no usable PostgreSQL")

// Find returns the preferred, else the newest, complete PostgreSQL of
// version 14 or later. The error says what was found instead and how to
// install one.
func Find(ctx context.Context, s Search) (Install, error) {
	var found []Install
	var rejected []string
	for _, folder := range s.folders() {
		install, err := inspect(ctx, folder)
		switch {
		case err == nil:
			found = append(found, install)
		case !errors.Is(err, os.ErrNotExist):
			rejected = append(rejected, err.Error())
		}
	}
	if len(found) == 0 {
		return Install{}, s.notFound(rejected)
	}
	return choose(found, s.Prefer), nil
}

func (s Search) folders() []string {
	if s.Folder != "" {
		return []string{s.Folder, filepath.Join(s.Folder, "bin")}
	}
	folders := filepath.SplitList(s.Path)
	for _, pattern := range folderPatterns {
		matches, _ := filepath.Glob(pattern) // the patterns are well-formed
		folders = append(folders, matches...)
	}
	return slices.DeleteFunc(folders, func(f string) bool { return !filepath.IsAbs(f) })
}

func (s Search) notFound(rejected []string) error {
	where := "on PATH and in " + strings.Join(folderPatterns, ", ")
	if s.Folder != "" {
		where = "in " + s.Folder
	}
	detail := ""
	if len(rejected) > 0 {
		detail = " (" + strings.Join(rejected, "; ") + ")"
	}
	return fmt.Errorf("%w: looked for version %d or newer %s%s: install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server) or name the folder of its programs",
		ErrNotInstalled, MinMajor, where, detail)
}

// choose takes the preferred major version, else the newest.
func choose(found []Install, prefer int) Install {
	return slices.MaxFunc(found, func(a, b Install) int {
		if (a.Major == prefer) != (b.Major == prefer) {
			if a.Major == prefer {
				return 1
			}
			return -1
		}
		return slices.Compare(numbers(a.Version), numbers(b.Version))
	})
}

// inspect asks the programs of a folder for their version. A folder without
// a server is os.ErrNotExist; one that cannot be used says why.
func inspect(ctx context.Context, folder string) (Install, error) {
	server, err := filepath.EvalSymlinks(filepath.Join(folder, "postgres"))
	if err != nil {
		return Install{}, err
	}
	bin := filepath.Dir(server)
	for _, program := range programs {
		if _, err := exec.LookPath(filepath.Join(bin, program)); err != nil {
			return Install{}, fmt.Errorf("%s lacks %s", bin, program)
		}
	}
	out, err := exec.CommandContext(ctx, server, "--version").Output()
	if err != nil {
		return Install{}, fmt.Errorf("%s --version: %w", server, err)
	}
	version, major, err := parseVersion(string(out))
	if err != nil {
		return Install{}, fmt.Errorf("%s: %w", server, err)
	}
	if major < MinMajor {
		return Install{}, fmt.Errorf("%s is version %s", bin, version)
	}
	return Install{Bin: bin, Version: version, Major: major}, nil
}

// parseVersion reads "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)".
func parseVersion(line string) (version string, major int, err error) {
	_, rest, ok := strings.Cut(line, "(PostgreSQL) ")
	fields := strings.Fields(rest)
	if !ok || len(fields) == 0 {
		return "", 0, fmt.Errorf("version not understood: %q", strings.TrimSpace(line))
	}
	parts := numbers(fields[0])
	if len(parts) == 0 {
		return "", 0, fmt.Errorf("version not understood: %q", fields[0])
	}
	return fields[0], parts[0], nil
}

// numbers are the numbers of a version: 15.13 is 15, 13; 19beta2 is 19, 2.
func numbers(version string) []int {
	var parts []int
	for _, field := range strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return parts
		}
		parts = append(parts, n)
	}
	return parts
}

func (i Install) program(name string) string { return filepath.Join(i.Bin, name) }
