package supervisor

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"orchard/localcloud/internal/machine/unit"
)

// launch runs the commands of a start. On failure it says in systemd's
// words how it failed.
func (s *service) launch(ctx context.Context) (outcome, error) {
	def := s.def.Service
	if def.TimeoutStart > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, def.TimeoutStart)
		defer cancel()
	}
	if err := s.m.layout.directories(def); err != nil {
		return resources, err
	}
	if end, err := s.runAll(ctx, "ExecStartPre", def.StartPre); err != nil {
		return end, err
	}
	if def.Type == "oneshot" {
		return s.launchOneshot(ctx)
	}
	if end, err := s.launchMain(ctx); err != nil {
		return end, err
	}
	if end, err := s.runAll(ctx, "ExecStartPost", def.StartPost); err != nil {
		return end, err
	}
	s.set("active", "running", success)
	return success, nil
}

func (s *service) launchOneshot(ctx context.Context) (outcome, error) {
	def := s.def.Service
	if end, err := s.runAll(ctx, "ExecStart", def.Start); err != nil {
		return end, err
	}
	if end, err := s.runAll(ctx, "ExecStartPost", def.StartPost); err != nil {
		return end, err
	}
	if def.RemainAfterExit {
		s.set("active", "exited", success)
		return success, nil
	}
	s.cleanUp(false)
	s.set("inactive", "dead", success)
	return success, nil
}

// launchMain starts the main process and, for Type=notify, waits until it
// says that it is ready.
func (s *service) launchMain(ctx context.Context) (outcome, error) {
	def := s.def.Service
	var extra []string
	var ready *readiness
	if def.Type == "notify" {
		var err error
		if ready, err = listenReady(s.m.layout, s.invocation); err != nil {
			return resources, err
		}
		defer ready.close()
		extra = append(extra, "NOTIFY_SOCKET="+ready.path)
	}
	main, err := s.spawn(def.Start[0], true, extra...)
	if err != nil {
		return exitCode, err
	}
	s.main, s.session = main, main.pid
	if ready == nil {
		return success, nil
	}
	select {
	case <-ready.done:
		return success, nil
	case <-main.done:
		s.setCode(code(main.status))
		return protocol, fmt.Errorf("the main process ended with status %d before it was ready", code(main.status))
	case <-ctx.Done():
		return timeout, fmt.Errorf("not ready after %s: %w", def.TimeoutStart, ctx.Err())
	}
}

// runAll runs commands one after the other until one fails.
func (s *service) runAll(ctx context.Context, directive string, commands []unit.Command, extra ...string) (outcome, error) {
	for _, c := range commands {
		p, err := s.spawn(c, directive == "ExecStart", extra...)
		if err != nil {
			if c.IgnoreFailure {
				continue
			}
			return exitCode, err
		}
		s.session = p.pid
		select {
		case <-p.done:
		case <-ctx.Done():
			killAll(s.family)
			return timeout, fmt.Errorf("%s=%s was ended: %w", directive, c.Words[0], ctx.Err())
		}
		if directive == "ExecStart" {
			s.setCode(code(p.status))
		}
		if end := judge(p.status); end != success && !c.IgnoreFailure {
			return end, fmt.Errorf("%s=%s ended with status %d", directive, c.Words[0], code(p.status))
		}
	}
	return success, nil
}

// spawn starts one command with the unit's environment; with passSockets it
// gets the sockets that lead to the service, as sd_listen_fds(3) describes.
func (s *service) spawn(c unit.Command, passSockets bool, extra ...string) (*process, error) {
	def, l := s.def.Service, s.m.layout
	env, err := l.environment(def, s.invocation, extra...)
	if err != nil {
		return nil, err
	}
	args := c.Expand(env)
	path := args[0]
	var sockets []*os.File
	if passSockets {
		var names []string
		if sockets, names, err = s.passed(); err != nil {
			return nil, err
		}
		defer closeAll(sockets)
		if len(sockets) > 0 {
			env["LISTEN_FDS"] = strconv.Itoa(len(sockets))
			env["LISTEN_FDNAMES"] = strings.Join(names, ":")
			path, args = s.m.self, append([]string{s.m.self, ExecUnit}, args...)
		}
	}
	return s.m.exec(s.name, path, args, list(env), directory(l, def.WorkingDirectory), sockets)
}

// exec starts a process whose output goes to the console log.
func (m *Manager) exec(source, path string, args, env []string, dir string, sockets []*os.File) (*process, error) {
	output, _, err := m.console.pipe(source)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", os.DevNull, err)
	}
	defer null.Close()
	return m.reaper.start(path, args, env, dir, append([]*os.File{null, output, output}, sockets...))
}

func (s *service) passed() (files []*os.File, names []string, err error) {
	for _, socket := range s.m.socketsOf(s.name) {
		f, n, err := socket.descriptors()
		if err != nil {
			closeAll(files)
			return nil, nil, err
		}
		files, names = append(files, f...), append(names, n...)
	}
	return files, names, nil
}

// directory is WorkingDirectory=, by default the instance's root.
func directory(l Layout, f unit.File) string {
	if f.Path == "" {
		return l.Root()
	}
	if _, err := os.Stat(f.Path); err != nil && f.Optional {
		return l.Root()
	}
	return f.Path
}

// exists looks for a path as the unit file writes it, and below the root.
func exists(l Layout, path string) bool {
	_, err := os.Stat(l.inRoot(path))
	return err == nil
}

// lastStatus is how the main process ended, if it did.
func (s *service) lastStatus() syscall.WaitStatus {
	if s.main == nil {
		return 0
	}
	select {
	case <-s.main.done:
		return s.main.status
	default:
		return 0
	}
}

// stopContext bounds the commands of a stop.
func stopContext(limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), limit)
}
