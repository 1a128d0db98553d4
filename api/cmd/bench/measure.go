package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"orchard/api/internal/pgtest"
)

type plan struct {
	orchard             string
	runs, seconds, rows int
	pool                int
	out                 string
}

func (p plan) measure(ctx context.Context) (*result, error) {
	dir, err := os.MkdirTemp("", "orchard-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	pg, err := pgtest.Start(dir, "fsync=on", "shared_buffers=256MB", "max_wal_size=4GB")
	if err != nil {
		return nil, err
	}
	defer pg.Stop()
	url := pg.URL("postgres")
	if err := p.fill(ctx, url); err != nil {
		return nil, err
	}
	r := &result{Runs: p.runs, Seconds: p.seconds, Rows: p.rows, Routes: map[string]*route{}}
	if r.StartMillis, err = p.startTimes(ctx, url); err != nil {
		return nil, err
	}
	orchard, err := p.startOrchard(ctx, url)
	if err != nil {
		return nil, err
	}
	defer orchard.stop()
	bare, err := p.startBare(ctx, url)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	for _, name := range []string{"list", "entry", "create"} {
		if r.Routes[name], err = p.route(ctx, name, pg, orchard, bare); err != nil {
			return nil, fmt.Errorf("measure %s: %w", name, err)
		}
	}
	r.MemoryMB, err = orchard.peakMemory()
	return r, err
}

func (p plan) fill(ctx context.Context, url string) error {
	migrate := exec.CommandContext(ctx, p.orchard, "migrate")
	migrate.Env = []string{"ORCHARD_DATABASE_URL=" + url}
	if out, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate: %w\n%s", err, out)
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows := fmt.Sprintf("(name, price, stock) SELECT 'fruit-' || g, (g %% 1000) / 100.0, g %% 50 FROM generate_series(1, %d) g", p.rows)
	for _, s := range []string{bareTable, "INSERT INTO fruit " + rows, "INSERT INTO bare " + rows, "VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	return nil
}

// route measures one route: the three subjects in turn, run after run.
func (p plan) route(ctx context.Context, name string, pg *pgtest.Cluster, orchard, bare *server) (*route, error) {
	length := time.Duration(p.seconds) * time.Second
	var r route
	for run := range p.runs {
		for _, s := range []struct {
			to     *[]sample
			server *server
		}{{&r.orchard, orchard}, {&r.bare, bare}} {
			got, err := load(ctx, s.server.address, length, requests[name](run, p.rows))
			if err != nil {
				return nil, err
			}
			*s.to = append(*s.to, got)
		}
		got, err := p.pgbench(pg, name, run)
		if err != nil {
			return nil, err
		}
		r.postgres = append(r.postgres, got)
	}
	r.summarize()
	return &r, nil
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

func (p plan) pgbench(pg *pgtest.Cluster, name string, run int) (sample, error) {
	script := map[string]string{
		"list":  countSQL + ";\n" + listSQL + ";\n",
		"entry": fmt.Sprintf("\\set id random(1, %d)\n%s;\n", p.rows, strings.Replace(entrySQL, "$1", ":id", 1)),
		"create": "INSERT INTO bare (name, price, stock) VALUES ('pg-" + strconv.Itoa(run) +
			"-' || :client_id || '-' || clock_timestamp(), 1.25, 10) RETURNING id;\n",
	}[name]
	file := pg.Dir + "/" + name + ".sql"
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		return sample{}, err
	}
	out, err := pg.Output("pgbench", "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", strconv.Itoa(p.seconds),
		"-h", "127.0.0.1", "-p", strconv.Itoa(pg.Port), "-U", "postgres", "-f", file, "postgres")
	if err != nil {
		return sample{}, err
	}
	m := tps.FindStringSubmatch(out)
	if m == nil {
		return sample{}, fmt.Errorf("pgbench printed no tps:\n%s", out)
	}
	rate, err := strconv.ParseFloat(m[1], 64)
	return sample{rate: rate}, err
}

// server is a process that serves HTTP at address.
type server struct {
	cmd     *exec.Cmd
	address string
}

func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // killed: its exit says nothing
}

func (p plan) startBare(ctx context.Context, url string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "bare", url, strconv.Itoa(p.pool))
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return &server{cmd, strings.TrimSpace(line)}, err
}

func (p plan) startOrchard(ctx context.Context, url string) (*server, error) {
	cmd := exec.CommandContext(ctx, p.orchard, "serve")
	cmd.Env = []string{"ORCHARD_DATABASE_URL=" + url, "ORCHARD_LISTEN=127.0.0.1:0", "ORCHARD_DATABASE_POOL=" + strconv.Itoa(p.pool)}
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			go func() {
				for lines.Scan() {
				}
			}()
			return &server{cmd, line.Address}, nil
		}
	}
	return nil, errors.Join(errors.New("orchard does not listen"), cmd.Wait())
}

// startTimes returns the median time from the start of a process to its first
// ready answer, in milliseconds.
func (p plan) startTimes(ctx context.Context, url string) (float64, error) {
	var all []float64
	for range p.runs {
		started := time.Now()
		s, err := p.startOrchard(ctx, url)
		if err != nil {
			return 0, err
		}
		resp, err := http.Get("http://" + s.address + "/readyz")
		took := time.Since(started)
		s.stop()
		if err != nil {
			return 0, err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("start orchard: /readyz answered %d", resp.StatusCode)
		}
		all = append(all, float64(took.Microseconds())/1000)
	}
	return median(all), nil
}

func (s *server) peakMemory() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		return 0, errors.New("read peak memory: no VmHWM")
	}
	kb, err := strconv.Atoi(string(m[1]))
	return float64(kb) / 1024, err
}
