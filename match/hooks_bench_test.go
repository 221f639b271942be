package match

import "testing"

// BenchmarkNilHook shows what a place costs that calls a hook if there is one. All of them look like this one.
func BenchmarkNilHook(b *testing.B) {
	const places = 1000
	m := &match{r: &Registry{}}
	b.ReportAllocs()
	for b.Loop() {
		for range places {
			if m.r.hooks.Slow != nil {
				m.r.hooks.Slow(m.id, onLoop.String(), m.set.slow())
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/places, "ns/hook")
}
