package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Status is how a database is, as its servers say themselves.
type Status struct {
	Version  string // running version, "15.13"; that of the programs while no server answers
	Major    int
	Standby  bool // a standby is asked for
	Synced   bool // the standby holds every acknowledged commit
	Servers  []ServerStatus
	Sessions int // clients of the primary

	Failover Failover // under way; its zero value is none
	Outage   string   // why writes are not accepted, when no failover will change that; empty for none
}

// ServerStatus is one server. Role is what is recorded; Problem says why a
// server did not answer, or that it disagrees with its role.
type ServerStatus struct {
	Name, Zone, Role string // role "primary" or "standby"
	PID              int
	Running          bool
	Version          string
	SyncState        string        // of a standby, from the primary: "sync", "async", "potential"; empty: no stream
	Lag              time.Duration // until the standby has replayed; 0 when it is idle
	LagBytes         int64         // write-ahead log that the standby has not replayed
	PendingRestart   []string      // settings that wait for a restart
	Problem          string
}

// Status asks every server; one that does not answer within 2 s is reported
// as such. The primary comes first.
func (p *Pair) Status(ctx context.Context) Status {
	state := p.State()
	status := Status{Version: state.Install.Version, Major: state.Install.Major, Standby: state.Spec.Standby, Synced: state.Synced, Failover: state.Failover, Outage: p.outage()}
	primary, _ := state.server(state.Primary)
	servers := []Server{primary}
	standby, paired := state.Standby()
	if paired {
		servers = append(servers, standby)
	}
	for _, server := range servers {
		status.Servers = append(status.Servers, p.serverStatus(ctx, state, server))
	}
	if status.Servers[0].Version != "" {
		status.Version = status.Servers[0].Version
	}
	p.askReplication(ctx, state, &status)
	return status
}

func (p *Pair) outage() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out
}

func (p *Pair) serverStatus(ctx context.Context, state State, server Server) ServerStatus {
	status := ServerStatus{Name: server.Name, Zone: server.Zone, PID: server.Process.PID, Role: "standby", Running: server.Process.Alive()}
	if server.Name == state.Primary {
		status.Role = "primary"
	}
	if !status.Running {
		status.Problem = "not running"
		return status
	}
	var recovering bool
	err := p.query(ctx, state, server.Name, `select current_setting('server_version_num')::int / 10000 || '.' || current_setting('server_version_num')::int % 10000,
		pg_is_in_recovery(), array(select name from pg_settings where pending_restart order by name)::text[]`,
		nil, &status.Version, &recovering, &status.PendingRestart)
	switch {
	case err != nil:
		status.Problem = err.Error()
	case recovering != (status.Role == "standby"):
		status.Problem = "the server disagrees with its recorded role"
	}
	return status
}

// askReplication fills in what the primary knows about the standby.
func (p *Pair) askReplication(ctx context.Context, state State, status *Status) {
	if !status.Servers[0].Running || status.Servers[0].Problem != "" {
		return
	}
	var microseconds int64
	standby := &ServerStatus{}
	if len(status.Servers) > 1 {
		standby = &status.Servers[1]
	}
	err := p.query(ctx, state, state.Primary, `select (select count(*) from pg_stat_activity where backend_type = 'client backend' and usename <> $2),
		coalesce(max(sync_state), ''), coalesce((extract(epoch from max(replay_lag)) * 1000000)::bigint, 0),
		coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint
		from pg_stat_replication where application_name = $1 and state = 'streaming'`,
		[]any{standby.Name, state.Spec.Superuser}, &status.Sessions, &standby.SyncState, &microseconds, &standby.LagBytes)
	if err != nil {
		status.Servers[0].Problem = err.Error()
	}
	standby.Lag = time.Duration(microseconds) * time.Microsecond
}

// query asks one server on a connection of its own, so that it does not
// wait for a change that is under way.
func (p *Pair) query(ctx context.Context, state State, name, sql string, arguments []any, targets ...any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	conn, err := connect(ctx, layoutOf(state.Spec.Folder, name), state.Spec.Superuser, "postgres")
	if err != nil {
		return err
	}
	defer closeQuietly(conn)
	return conn.QueryRow(ctx, sql, arguments...).Scan(targets...)
}

func closeQuietly(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
