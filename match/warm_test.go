//go:build amd64 || arm64

package match

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever a turn without input touches is in one line of the cache with something that Warm looks at.
func TestWarmLines(t *testing.T) {
	const header = 8 // what the runtime puts before an object of this size
	var m match
	clock, tally, meter := unsafe.Offsetof(m.clock), unsafe.Offsetof(m.tally), unsafe.Offsetof(m.meter)
	line := func(offset uintptr) uintptr { return (header + offset) / 64 }
	warm := map[uintptr]bool{}
	for _, offset := range []uintptr{
		unsafe.Offsetof(m.posted), unsafe.Offsetof(m.label), unsafe.Offsetof(m.seats),
		clock + unsafe.Offsetof(m.clock.warm), tally + unsafe.Offsetof(m.tally.warm), meter + unsafe.Offsetof(m.meter.full),
		meter + unsafe.Offsetof(m.meter.joins), meter + unsafe.Offsetof(m.meter.no),
	} {
		require.False(t, warm[line(offset)], "a line is looked at once")
		warm[line(offset)] = true
	}
	for name, offset := range map[string]uintptr{
		"a look whether m is nil": 0,
		"mu":                      unsafe.Offsetof(m.mu), "filled": unsafe.Offsetof(m.filled), "handle": unsafe.Offsetof(m.handle), "untold": unsafe.Offsetof(m.untold),
		"acted": unsafe.Offsetof(m.acted), "over": unsafe.Offsetof(m.over), "keeper": unsafe.Offsetof(m.keeper),
		"gallery": unsafe.Offsetof(m.gallery), "d": unsafe.Offsetof(m.d), "r": unsafe.Offsetof(m.r), "kind": unsafe.Offsetof(m.kind), "state": unsafe.Offsetof(m.state),
		"size": unsafe.Offsetof(m.size), "roster": unsafe.Offsetof(m.roster), "closing": unsafe.Offsetof(m.closing),
		"due": clock + unsafe.Offsetof(m.clock.due), "every": clock + unsafe.Offsetof(m.clock.every), "n": clock + unsafe.Offsetof(m.clock.n),
		"last": clock + unsafe.Offsetof(m.clock.last), "work": clock + unsafe.Offsetof(m.clock.work), "limit": clock + unsafe.Offsetof(m.clock.limit),
		"called": tally + unsafe.Offsetof(m.tally.called), "before": tally + unsafe.Offsetof(m.tally.before), "ticked": tally + unsafe.Offsetof(m.tally.late),
		"busy": meter + unsafe.Offsetof(m.meter.busy), "late": meter + unsafe.Offsetof(m.meter.late),
		"ticks up to 1 ms late": meter + unsafe.Offsetof(m.meter.late) + unsafe.Offsetof(m.meter.late.Counts) + 4*8,
		"took":                  meter + unsafe.Offsetof(m.meter.took), "Loops up to 100 us": meter + unsafe.Offsetof(m.meter.took) + unsafe.Offsetof(m.meter.took.Counts) + 2*8,
	} {
		assert.True(t, warm[line(offset)], "%s: offset %d, line %d, byte %d", name, offset, line(offset), (header+offset)%64)
	}
}
