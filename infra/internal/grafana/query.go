package grafana

import (
	"maps"

	"orchard/infra/internal/outputs"
	"orchard/infra/internal/watch"
)

// query is how Prometheus is asked for a signal.
type query struct {
	// expr is empty where nothing tells the signal.
	expr string
	// by begins the legend where a signal has several lines.
	by string
	// note says whose metrics these are, or why there are none.
	note string
}

// queries has one entry for each signal.
func queries(of outputs.Stack) map[watch.Signal]query {
	all := service()
	maps.Copy(all, database(of))
	if of.Cloud == "azure" {
		maps.Copy(all, azure(of))
	} else {
		maps.Copy(all, aws(of))
	}
	return all
}

const (
	ofService  = "the service's own metric"
	ofPostgres = "postgres_exporter"
)

// service are the signals that the service tells itself: package metrics of
// the module api.
func service() map[watch.Signal]query {
	rate := func(selector string) query {
		return query{expr: `sum(rate(orchard_http_requests_total{job="$job"` + selector + `}[$__rate_interval]))`, note: ofService}
	}
	quantile := func(q string) query {
		return query{
			expr: `histogram_quantile(` + q + `, sum by (le) (rate(orchard_http_request_duration_seconds_bucket{job="$job"}[$__rate_interval])))`,
			note: ofService + ", from the request's header to the end of the answer",
		}
	}
	failed, all := rate(`, status=~"5.."`).expr, rate("").expr
	return map[watch.Signal]query{
		watch.Requests:   rate(""),
		watch.Answers2xx: rate(`, status=~"2.."`),
		watch.Answers4xx: rate(`, status=~"4.."`),
		watch.Answers5xx: rate(`, status=~"5.."`),
		watch.ErrorShare: {expr: "100 * (" + failed + " or vector(0)) / " + all, note: ofService + "; answers of the load balancer itself are not in it"},
		watch.LatencyP50: quantile("0.5"),
		watch.LatencyP99: quantile("0.99"),
		watch.InService:  {expr: `sum(up{job="$job"})`, note: "Prometheus itself: the instances whose metrics it can read"},
		watch.InFlight:   {expr: `orchard_http_requests_in_flight{job="$job"}`, by: "{{instance}}", note: ofService},
		watch.Shed:       {expr: `rate(orchard_http_requests_shed_total{job="$job"}[$__rate_interval])`, by: "{{instance}}", note: ofService},
	}
}

// database are the signals that postgres_exporter tells. A standby is the
// cloud's to see, so role and lag are those of the server that answers.
func database(of outputs.Stack) map[watch.Signal]query {
	return map[watch.Signal]query{
		watch.DatabaseAlive:       {expr: "pg_up * on (instance) (1 - pg_replication_is_replica)", note: ofPostgres + "; 1 while the server that answers is a primary"},
		watch.ReplicaLag:          {expr: "pg_replication_lag_seconds", note: ofPostgres + "; 0 of a primary, and no exporter reaches the standby"},
		watch.DatabaseConnections: {expr: `sum(pg_stat_activity_count{datname="` + of.Database.Name + `"})`, note: ofPostgres},
	}
}
