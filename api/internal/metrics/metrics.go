// Package metrics counts what the service does, for Prometheus: rate, errors
// and duration by route, requests under way, and the connection pool.
//
// Routes are the patterns of package web, never paths, and methods outside the
// usual are one label, so that a client cannot make the series multiply. The
// metrics are served on the admin socket only.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics holds the series of one service.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	InFlight prometheus.Gauge
	Shed     prometheus.Counter
}

// New returns the metrics of a service on this pool.
func New(pool *pgxpool.Pool) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "orchard_http_requests_total", Help: "Requests answered.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "orchard_http_request_duration_seconds", Help: "Time from a request's header to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20},
		}, []string{"route", "method"}),
		InFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "orchard_http_requests_in_flight", Help: "Requests under way.",
		}),
		Shed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "orchard_http_requests_shed_total", Help: "Requests answered 503 at once because too many were under way.",
		}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.InFlight, m.Shed, poolCollector{pool},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics in the text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request counts a request that has been answered.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	switch method {
	case "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE":
	default:
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route, method).Observe(took.Seconds())
}

// poolCollector reads the pool's own counts when it is asked.
type poolCollector struct{ pool *pgxpool.Pool }

var poolSeries = []struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(*pgxpool.Stat) float64
}{
	{desc("connections", "Connections open."), prometheus.GaugeValue, func(s *pgxpool.Stat) float64 { return float64(s.TotalConns()) }},
	{desc("connections_acquired", "Connections in use."), prometheus.GaugeValue, func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }},
	{desc("connections_max", "Connections at most."), prometheus.GaugeValue, func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }},
	{desc("connections_opened_total", "Connections opened so far."), prometheus.CounterValue, func(s *pgxpool.Stat) float64 { return float64(s.NewConnsCount()) }},
	{desc("acquires_total", "Times a connection was taken."), prometheus.CounterValue, func(s *pgxpool.Stat) float64 { return float64(s.AcquireCount()) }},
	{desc("acquires_waited_total", "Times none was free."), prometheus.CounterValue, func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) }},
	{desc("acquire_seconds_total", "Time spent taking connections."), prometheus.CounterValue, func(s *pgxpool.Stat) float64 { return s.AcquireDuration().Seconds() }},
}

func desc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("orchard_pool_"+name, help, nil, nil)
}

// Describe is part of prometheus.Collector.
func (poolCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, s := range poolSeries {
		ch <- s.desc
	}
}

// Collect is part of prometheus.Collector.
func (c poolCollector) Collect(ch chan<- prometheus.Metric) {
	stat := c.pool.Stat()
	for _, s := range poolSeries {
		ch <- prometheus.MustNewConstMetric(s.desc, s.kind, s.read(stat))
	}
}
