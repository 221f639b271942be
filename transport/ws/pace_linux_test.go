package ws

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sweeps runs n sweeps over traffic of so many messages a second, and returns the last pause.
func (p *pace) sweeps(n int, perSecond float64, answered bool) (pause time.Duration) {
	waiting := 0.0
	for range n {
		waiting += perSecond * pause.Seconds()
		events := int(waiting)
		waiting -= float64(events)
		if pause = p.next(events, answered && events > 0); pause == 0 {
			return 0
		}
	}
	return pause
}

func TestPace(t *testing.T) {
	for name, c := range map[string]struct {
		perSecond float64
		answered  bool
		want      time.Duration
	}{
		"much that is answered":                      {20_000, true, shortPause},
		"little that is answered":                    {1500, true, longPause},
		"between the two":                            {2857, true, 700 * time.Microsecond},
		"much input of matches":                      {50_000, false, shortPause},
		"not so much input":                          {3000, false, calmPause},
		"nothing":                                    {0, false, 0},
		"so little that it is better to wait for it": {20, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var p pace
			p.next(1, false)
			require.InDelta(t, c.want, p.sweeps(1000, c.perSecond, c.answered), float64(200*time.Microsecond))
		})
	}
	t.Run("an answer ends the calm at once", func(t *testing.T) {
		var p pace
		p.next(1, false)
		require.Equal(t, calmPause, p.sweeps(1000, 3000, false))
		require.LessOrEqual(t, p.next(1, true), longPause)
	})
}
