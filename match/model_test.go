package match_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

const (
	modelSeats = 3
	modelInbox = 4
)

// model is what the calls on one match mean, and the match that they are made on.
type model struct {
	*match.Registry
	clock *tick.Manual
	id    match.ID

	batch []match.Message   // what the last Loop got
	gone  []match.Departure // what Leave got

	roster []string
	kept   map[string]time.Time // reservations
	queue  []match.Message      // in the inbox
	since  map[string]int       // messages lost since the last one that was put in
	lost   map[string]int       // in all
	next   int64
}

func newModel(t *rapid.T) *model {
	m := &model{clock: tick.NewManual(noon), kept: make(map[string]time.Time), since: make(map[string]int), lost: make(map[string]int)}
	var err error
	m.Registry, err = match.New(match.Config{Source: m.clock})
	require.NoError(t, err)
	match.Register(m.Registry, "m", &script{
		set:   match.Settings{Capacity: modelSeats, Inbox: modelInbox},
		loop:  func(_ turn, in []match.Message) error { m.batch = slices.Clone(in); return nil },
		leave: func(_ turn, gone []match.Departure) error { m.gone = append(m.gone, gone...); return nil },
	})
	m.id, err = m.Create(t.Context(), "m", nil)
	require.NoError(t, err)
	return m
}

func (m *model) in(name string) bool { return slices.Contains(m.roster, name) }

func (m *model) join(t *rapid.T, name string) {
	err := m.Join(t.Context(), seat(m.id, who(name)))
	switch {
	case m.in(name):
		require.NoError(t, err)
	case m.kept[name].IsZero() && len(m.roster)+len(m.kept) == modelSeats:
		require.ErrorIs(t, err, match.ErrFull)
	default:
		require.NoError(t, err)
		delete(m.kept, name)
		m.roster = append(m.roster, name)
	}
}

func (m *model) reserve(t *rapid.T, names []string, ticks int) {
	var users []presence.Presence
	kept := maps.Clone(m.kept)
	until := m.clock.Now().Add(time.Duration(ticks) * every)
	for _, name := range names {
		users = append(users, who(name))
		switch {
		case ticks == 0:
			delete(kept, name)
		case !m.in(name):
			kept[name] = until
		}
	}
	err := m.Reserve(t.Context(), m.id, users, time.Duration(ticks)*every)
	if len(m.roster)+len(kept) > modelSeats {
		require.ErrorIs(t, err, match.ErrFull)
		return
	}
	require.NoError(t, err)
	m.kept = kept
}

func (m *model) leave(t *rapid.T, name string) {
	err := m.Leave(m.id, name, match.Disconnected)
	if !m.in(name) {
		require.ErrorIs(t, err, match.ErrNotMember)
		return
	}
	require.NoError(t, err)
	m.left(t, name, match.Disconnected)
}

func (m *model) kick(t *rapid.T, name string) {
	require.NoError(t, m.Kick(m.id, who(name)))
	if m.in(name) {
		m.left(t, name, match.Kicked)
	}
}

// left checks that a member has left, with the input it left behind.
func (m *model) left(t *rapid.T, name string, why match.Reason) {
	before := len(m.queue)
	m.queue = slices.DeleteFunc(m.queue, func(o match.Message) bool { return o.From.Session == name })
	dropped := m.lost[name] + before - len(m.queue)
	m.roster = slices.DeleteFunc(m.roster, func(o string) bool { return o == name })
	require.Equal(t, []match.Departure{{Presence: who(name), Reason: why, Dropped: dropped}}, m.gone)
	m.gone = nil
	delete(m.since, name)
	delete(m.lost, name)
}

func (m *model) send(t *rapid.T, name string) {
	m.next++
	err := m.Send(m.id, name, match.Message{Op: m.next})
	if !m.in(name) {
		require.ErrorIs(t, err, match.ErrNotMember)
		return
	}
	if len(m.queue) == modelInbox {
		victim := m.heaviest(name)
		require.Equal(t, victim == "", errors.Is(err, match.ErrDropped))
		if victim == "" {
			m.lose(name)
			return
		}
		m.evict(victim)
	}
	require.NoError(t, err)
	m.queue = append(m.queue, match.Message{From: who(name), Op: m.next, At: m.clock.Now(), Dropped: m.since[name]})
	m.since[name] = 0
}

func (m *model) lose(name string) {
	m.since[name]++
	m.lost[name]++
}

func (m *model) shares() map[string]int {
	shares := make(map[string]int)
	for _, o := range m.queue {
		shares[o.From.Session]++
	}
	return shares
}

// heaviest is who has clearly more messages in the inbox than name, or "". Among equals it is who sent last.
func (m *model) heaviest(name string) string {
	shares := m.shares()
	most, victim := shares[name]+1, ""
	for _, o := range slices.Backward(m.queue) {
		if n := shares[o.From.Session]; n > most {
			most, victim = n, o.From.Session
		}
	}
	return victim
}

// evict drops the newest message of the victim.
func (m *model) evict(victim string) {
	for i, o := range slices.Backward(m.queue) {
		if o.From.Session == victim {
			m.since[victim] += o.Dropped
			m.lose(victim)
			m.queue = slices.Delete(m.queue, i, i+1)
			return
		}
	}
}

func (m *model) tick(t *rapid.T) {
	m.clock.Advance(every)
	require.Len(t, m.batch, len(m.queue))
	for i := range m.queue {
		require.Equal(t, m.queue[i], m.batch[i])
	}
	m.queue = nil
	maps.DeleteFunc(m.kept, func(_ string, until time.Time) bool { return !until.After(m.clock.Now()) })
}

// TestOneMatchAgainstAModel plays random sequences of calls on one match and on a model of what they mean.
func TestOneMatchAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		name := rapid.SampledFrom([]string{"ann", "bob", "cid", "dan"})
		send := func(t *rapid.T) { m.send(t, name.Draw(t, "who")) }
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) { m.join(t, name.Draw(t, "who")) },
			"reserve": func(t *rapid.T) {
				m.reserve(t, rapid.SliceOf(name).Draw(t, "users"), rapid.IntRange(0, 3).Draw(t, "ticks"))
			},
			"leave": func(t *rapid.T) { m.leave(t, name.Draw(t, "who")) },
			"kick":  func(t *rapid.T) { m.kick(t, name.Draw(t, "who")) },
			"tick":  func(t *rapid.T) { m.tick(t) },
			"send":  send, "send again": send, "and again": send, "flood": func(t *rapid.T) {
				flooder := name.Draw(t, "who")
				for range 2 * modelInbox {
					m.send(t, flooder)
				}
			},
			"": func(t *rapid.T) {
				info, err := m.Get(m.id)
				require.NoError(t, err)
				require.Equal(t, len(m.roster), info.Size)
				require.Empty(t, m.gone, "nobody left who was not asked to")
			},
		})
	})
}
