package match_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// Whatever happens, and whenever the process dies, also in the middle of a save: what a player has seen confirmed is there
// afterwards, and the seat a player was told of too.
func TestKilledProcessesLoseNothingConfirmed(t *testing.T) {
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMortal(t, rand.New(rand.NewPCG(seed, 1)))
				for range 100 {
					m.step()
				}
				m.check()
			})
		})
	}
}

// mortal is a process that dies now and then, and a player who comes back each time.
type mortal struct {
	*keptWorld
	t         *testing.T
	rand      *rand.Rand
	id        match.ID
	player    presence.Presence
	sessions  int
	sent      int
	confirmed int // the greatest count the player has seen
}

func newMortal(t *testing.T, r *rand.Rand) *mortal {
	m := &mortal{keptWorld: &keptWorld{game: &tally{}, shelf: &shelf{disk: newDisk()}}, t: t, rand: r, player: ann}
	m.restart(t)
	m.id = m.create("holder")
	m.join()
	return m
}

func (m *mortal) join() {
	m.sessions++
	m.player.Session = fmt.Sprint("ann-", m.sessions)
	require.NoError(m.t, m.keptWorld.join(m.id, m.player))
	synctest.Wait()
}

func (m *mortal) step() {
	switch n := m.rand.IntN(20); {
	case n < 8:
		m.sent++
		require.NoError(m.t, m.Send(m.id, m.player.Session, match.Message{}))
	case n < 14:
		m.clock.Advance(time.Duration(m.rand.IntN(300)) * time.Millisecond)
	case n < 16:
		synctest.Wait()
	case n < 17:
		m.join()
	case n < 18:
		require.NoError(m.t, m.Leave(m.id, m.player.Session, match.Disconnected))
		m.advance(time.Second)
		m.hear()
		m.join()
	default:
		m.kill(m.rand.IntN(3))
	}
	m.hear()
}

// kill ends the process after so many more operations of its store.
func (m *mortal) kill(after int) {
	m.failing(func(string) error {
		if after--; after < 0 {
			return errors.New("killed")
		}
		return nil
	})
	m.advance(every)
	m.hear()
	dead := m.Registry
	m.restart(m.t)
	ctx, stop := context.WithCancel(m.t.Context())
	stop()
	_ = dead.Run(ctx) // it tries no more
	info, err := m.Get(m.id)
	require.NoError(m.t, err)
	require.Equal(m.t, 1, info.Taken)
	m.join()
}

// hear looks at what the player has been told.
func (m *mortal) hear() {
	for _, line := range m.take() {
		data, ok := strings.CutPrefix(line, `data 0 "`)
		if !ok {
			continue
		}
		data, _, _ = strings.Cut(data, `"`)
		n, err := strconv.Atoi(data)
		require.NoError(m.t, err)
		require.Greater(m.t, n, m.confirmed, "a confirmed message is lost")
		m.confirmed = n
	}
}

func (m *mortal) check() {
	m.advance(time.Second)
	m.hear()
	require.Equal(m.t, strconv.Itoa(m.confirmed), m.signal(m.id, ""))
	require.LessOrEqual(m.t, m.confirmed, m.sent)
	require.Positive(m.t, m.confirmed)
}
