package scenario_test

import (
	"fmt"
	"testing"

	"orchard/localcloud/internal/scenario"
)

const busyDay = `
about: Two hours of swinging load and the loss of a zone.
zones: [a, b, c]
length: 2h
instance: {boot: 45s, capacity: 200, drain: 20s}
balancer: {fail open: true}
group:
  min: %[1]d
  max: %[2]d
  rebalance: true
  grace: 3m
  warmup: 2m
  policies: [{metric: cpu, target: 50}, {metric: requests, target: 6000}]
load: [{at: 0s, rate: %[3]d, swing: %[3]d, every: 40m}]
events: [{at: 50m, zone down: b}, {at: 1h20m, zone up: b}]
`

// BenchmarkTwoHours is a service of 6 instances and at most 12.
func BenchmarkTwoHours(b *testing.B) { benchmark(b, 6) }

// BenchmarkThousand is one of 1,000 instances and at most 2,000.
func BenchmarkThousand(b *testing.B) { benchmark(b, 1000) }

func benchmark(b *testing.B, instances int) {
	s, err := scenario.Read(fmt.Appendf(nil, busyDay, instances, 2*instances, 80*instances))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Run()
	}
	b.ReportMetric(s.Length.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "×real")
}
