// Package metrics shows a run to Prometheus while it lasts: what became of requests
// so far, and the response times of the last second. A scrape reads numbers that
// were added up already; it costs the engine nothing.
package metrics

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"orchard/loadrunner/internal/record"
)

var (
	requests = prometheus.NewDesc("loadrunner_requests_total", "Requests by what became of them; those on their way are missing.", []string{"outcome"}, nil)
	due      = prometheus.NewDesc("loadrunner_scheduled_total", "Requests whose moment has come.", nil, nil)
	behind   = prometheus.NewDesc("loadrunner_behind_total", "Requests that the generator noticed too late.", nil, nil)
	answers  = prometheus.NewDesc("loadrunner_answers_total", "Answers by status.", []string{"status"}, nil)
	errs     = prometheus.NewDesc("loadrunner_errors_total", "Requests without an answer, by class.", []string{"class"}, nil)
	response = prometheus.NewDesc("loadrunner_response_seconds", "Response times of the last second, from the scheduled moment.", []string{"quantile"}, nil)
)

var quantiles = []float64{0.5, 0.9, 0.99, 0.999, 1}

// Metrics is a run's.
type Metrics struct {
	mu       sync.Mutex
	counts   record.Counts
	statuses map[int]uint64
	failures map[string]uint64
	times    []time.Duration // by quantiles
}

// New returns the metrics of a run that has not begun.
func New() *Metrics {
	return &Metrics{statuses: map[int]uint64{}, failures: map[string]uint64{}, times: make([]time.Duration, len(quantiles))}
}

// Window adds a second.
func (m *Metrics) Window(w *record.Window) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.Add(w.Counts)
	for status, n := range w.Statuses {
		m.statuses[status] += n
	}
	for class, n := range w.Failures {
		m.failures[class] += n
	}
	for i, q := range quantiles {
		m.times[i] = w.Response.Quantile(q)
	}
}

// Describe is prometheus.Collector's.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{requests, due, behind, answers, errs, response} {
		ch <- d
	}
}

// Collect is prometheus.Collector's.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	total := func(d *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	c := m.counts
	for outcome, n := range map[string]uint64{"answered": c.Answered, "error": c.Errors, "late": c.Late, "dropped": c.Dropped} {
		total(requests, n, outcome)
	}
	total(due, c.Scheduled)
	total(behind, c.Behind)
	for status, n := range m.statuses {
		total(answers, n, strconv.Itoa(status))
	}
	for class, n := range m.failures {
		total(errs, n, class)
	}
	for i, q := range quantiles {
		ch <- prometheus.MustNewConstMetric(response, prometheus.GaugeValue, m.times[i].Seconds(), strconv.FormatFloat(q, 'g', -1, 64))
	}
}

// Serve answers at /metrics of an address on loopback until the returned function is
// called.
func (m *Metrics) Serve(address string) (stop func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		l.Close()
		return nil, fmt.Errorf("serve metrics: %s is not on loopback: give 127.0.0.1 and a port", address)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with the listener
	return func() { server.Close() }, nil
}
