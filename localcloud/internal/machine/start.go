package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"orchard/localcloud/internal/machine/proc"
	"orchard/localcloud/internal/machine/supervisor"
)

// Start lays out the instance's folder and starts its init, which goes on
// without the caller. It returns when the process exists; how the user-data
// fares is told by Handle.Status. A folder from an earlier life of the same
// instance is started again: the user-data then is not run a second time.
func Start(spec Spec) (Record, error) {
	if err := spec.check(); err != nil {
		return Record{}, fmt.Errorf("start instance %s: %w", spec.ID, err)
	}
	who, err := ownerOf(spec.User)
	if err != nil {
		return Record{}, fmt.Errorf("start instance %s: %w", spec.ID, err)
	}
	program, err := storeExecutable(spec.Store, spec.Executable)
	if err != nil {
		return Record{}, fmt.Errorf("start instance %s: %w", spec.ID, err)
	}
	l := spec.layout()
	if err := layOut(&spec, l, program, who); err != nil {
		return Record{}, fmt.Errorf("start instance %s: lay out folder: %w", spec.ID, err)
	}
	r, err := launch(&spec, l, program, who)
	if err != nil {
		return Record{}, fmt.Errorf("start instance %s: %w", spec.ID, err)
	}
	return r, nil
}

// layOut makes the folders and files. It works through os.Root: a folder
// from an earlier life belongs to the instance, which may have put links
// into it that lead elsewhere.
func layOut(spec *Spec, l supervisor.Layout, program string, who *owner) error {
	for _, folder := range []string{l.Dir, l.RunDir} {
		if err := os.MkdirAll(filepath.Dir(folder), 0o711); err != nil { // the instance's user passes through
			return err
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	run, err := os.OpenRoot(l.RunDir)
	if err != nil {
		return err
	}
	defer run.Close()
	dir, err := os.OpenRoot(l.Dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	problems := []error{run.MkdirAll("r", 0o700)}
	for _, folder := range []string{"image", "home", "tmp", "curl", "root/etc/systemd/system"} {
		problems = append(problems, dir.MkdirAll(folder, 0o700))
	}
	problems = append(problems, replaceLink(dir, l.Runtime(), "root/run"))
	for _, name := range spec.Commands {
		problems = append(problems, replaceLink(dir, program, filepath.Join("image", name)))
	}
	problems = append(problems, writeFiles(spec, l, dir), who.own(l.Dir), who.own(l.RunDir),
		who.reach(l.Dir), who.reach(l.RunDir), who.reach(program))
	return errors.Join(problems...)
}

func writeFiles(spec *Spec, l supervisor.Layout, dir *os.Root) error {
	config, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	problems := []error{
		dir.RemoveAll("state.json"),
		dir.RemoveAll("health.report"),
		replaceFile(dir, supervisor.Config, config, 0o600),
		replaceFile(dir, "user-data", spec.UserData, 0o700),
		replaceFile(dir, "console.log", nil, 0o600),
	}
	for path, content := range spec.Files {
		problems = append(problems, dir.MkdirAll(filepath.Dir(path), 0o700), replaceFile(dir, path, content, 0o600))
	}
	return errors.Join(problems...)
}

// replaceFile writes a new file in place of whatever has the name.
func replaceFile(dir *os.Root, path string, content []byte, mode os.FileMode) error {
	if err := dir.RemoveAll(path); err != nil {
		return err
	}
	file, err := dir.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func replaceLink(dir *os.Root, target, path string) error {
	if err := dir.RemoveAll(path); err != nil {
		return err
	}
	return dir.Symlink(target, path)
}

// launch starts init in a session of its own, with nothing of the caller's
// environment or open files.
func launch(spec *Spec, l supervisor.Layout, program string, who *owner) (Record, error) {
	boot, err := proc.BootID()
	if err != nil {
		return Record{}, err
	}
	console, err := os.OpenFile(l.Console(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return Record{}, fmt.Errorf("open console log: %w", err)
	}
	defer console.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return Record{}, fmt.Errorf("open %s: %w", os.DevNull, err)
	}
	defer null.Close()
	process, err := execute(program, []string{"localcloud", supervisor.Init, l.Dir}, &os.ProcAttr{
		Dir: l.Root(), Env: spec.environment(spec.Env), Files: []*os.File{null, console, console},
		Sys: &syscall.SysProcAttr{Setsid: true, Credential: who.credential()},
	})
	if err != nil {
		return Record{}, fmt.Errorf("start init: %w", err)
	}
	pid := process.Pid
	if err := process.Release(); err != nil { // Handle collects it
		return Record{}, fmt.Errorf("start init: %w", err)
	}
	stat, err := proc.Read(pid)
	if err != nil {
		return Record{}, fmt.Errorf("start init: %w", err)
	}
	return Record{
		ID: spec.ID, Zone: spec.Zone, Address: spec.Address, Dir: l.Dir, RunDir: l.RunDir,
		PID: pid, Start: stat.Start, Boot: boot,
	}, nil
}

// busyTries bounds how often a program is tried that the kernel calls busy:
// a copy just written is, while another goroutine's fork still holds the
// descriptor it was written by (golang.org/issue/22315).
const busyTries = 10

func execute(program string, args []string, attr *os.ProcAttr) (*os.Process, error) {
	for try := 1; ; try++ {
		process, err := os.StartProcess(program, args, attr)
		if !errors.Is(err, syscall.ETXTBSY) || try == busyTries {
			return process, err
		}
		time.Sleep(time.Duration(try) * 5 * time.Millisecond)
	}
}
