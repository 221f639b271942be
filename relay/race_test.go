package relay_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
)

// A join that meets the leave of the last member gets into the old match or a new one, never into one that is gone.
func TestJoinIsNotLostWhenTheLastMemberLeaves(t *testing.T) {
	h, _ := newHub(t, relay.Config{})
	for i := range 200 {
		name := fmt.Sprint("room", i)
		id, err := h.Create(relay.CreateRequest{Name: name, Who: ann})
		require.NoError(t, err)
		var wg sync.WaitGroup
		wg.Go(func() { h.Leave(id, ann.Session) })
		wg.Go(func() {
			_, err := h.Create(relay.CreateRequest{Name: name, Who: bob})
			assert.NoError(t, err)
		})
		wg.Wait()
		info, err := h.Get(id)
		require.NoError(t, err)
		require.Equal(t, 1, info.Size)
		require.NoError(t, h.Send(id, relay.Message{From: bob}, nil))
		h.LeaveAll(bob.Session)
	}
}

// Hooks see the matches of one name one after the other, even while they end and begin at the same time.
func TestHooksOfOneNameDoNotOverlap(t *testing.T) {
	var mu sync.Mutex
	alive, ends := 0, 0
	h, _ := newHub(t, relay.Config{Hooks: relay.Hooks{
		Created: func(relay.ID) {
			mu.Lock()
			defer mu.Unlock()
			alive++
			assert.Equal(t, 1, alive)
		},
		Ended: func(relay.ID) {
			mu.Lock()
			defer mu.Unlock()
			alive--
			ends++
		},
	}})
	var wg sync.WaitGroup
	for g := range 4 {
		p := who(fmt.Sprint(g))
		wg.Go(func() {
			for range 100 {
				id, err := h.Create(relay.CreateRequest{Name: "foo", Who: p})
				if err != nil {
					t.Error(err)
					return
				}
				_ = h.Leave(id, p.Session)
			}
		})
	}
	wg.Wait()
	require.Zero(t, alive)
	require.Positive(t, ends)
	require.Empty(t, h.List(relay.ListRequest{}))
}

// inbox is an Outbox that keeps the data of each session in the order in which it came.
type inbox struct {
	mu  sync.Mutex
	got map[string][]string
}

func (b *inbox) RelayData(_ relay.ID, to []presence.Presence, m relay.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range to {
		b.got[p.Session] = append(b.got[p.Session], string(m.Data))
	}
}
func (b *inbox) RelayPresence(_ relay.ID, _, _, _ []presence.Presence) {}
func (b *inbox) Flush(relay.ID, []presence.Presence)                   {}

func TestEachSendersMessagesStayInOrder(t *testing.T) {
	const senders, messages = 4, 100
	box := &inbox{got: map[string][]string{}}
	h, err := relay.New(relay.Config{Outbox: box})
	require.NoError(t, err)
	id := relay.NewID()
	for s := range senders {
		require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: who(fmt.Sprint(s)), Create: true}))
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for n := range messages {
				data := fmt.Appendf(nil, "%d:%d", s, n)
				assert.NoError(t, h.Send(id, relay.Message{From: who(fmt.Sprint(s)), Data: data}, nil))
			}
		})
	}
	wg.Wait()
	for s := range senders {
		next := map[string]int{}
		for _, text := range box.got[fmt.Sprint(s)] {
			from, n, _ := strings.Cut(text, ":")
			require.Equal(t, fmt.Sprint(next[from]), n, "from %s to %d", from, s)
			next[from]++
		}
		require.Len(t, next, senders-1)
	}
}

// Joins, leaves, disconnects, data and listings of a few sessions in a few matches, all at once: the race detector
// looks on, and in the end nothing is left.
func TestEverythingAtOnce(t *testing.T) {
	h, _ := newHub(t, relay.Config{})
	var wg sync.WaitGroup
	for g := range 8 {
		p := who(fmt.Sprint(g))
		wg.Go(func() {
			for i := range 50 {
				id, err := h.Create(relay.CreateRequest{Name: fmt.Sprint(i % 3), Who: p})
				if err != nil {
					t.Error(err)
					return
				}
				if h.Send(id, relay.Message{From: p, Op: int64(i)}, nil) != nil {
					t.Error("a member could not send")
				}
				h.List(relay.ListRequest{})
				_, _ = h.Get(id)
				if i%5 == 0 {
					h.LeaveAll(p.Session)
				} else if i%2 == 0 {
					_ = h.Leave(id, p.Session)
				}
			}
			h.LeaveAll(p.Session)
		})
	}
	wg.Wait()
	require.Empty(t, h.List(relay.ListRequest{}))
}

type discard struct{}

func (discard) RelayData(relay.ID, []presence.Presence, relay.Message) {}
func (discard) RelayPresence(_ relay.ID, _, _, _ []presence.Presence)  {}
func (discard) Flush(relay.ID, []presence.Presence)                    {}

func crowd(t testing.TB, size int) (*relay.Hub, relay.ID) {
	h, err := relay.New(relay.Config{Outbox: discard{}})
	require.NoError(t, err)
	id := relay.NewID()
	for i := range size {
		require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: who(fmt.Sprint(i)), Create: true}))
	}
	return h, id
}

func TestSendAllocatesNothing(t *testing.T) {
	h, id := crowd(t, 100)
	m := relay.Message{From: who("7"), Op: 1, Data: []byte("position")}
	some := []string{"3", "1", "nobody", "7", "3"}
	for name, to := range map[string][]string{"all": nil, "some": some} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if h.Send(id, m, to) != nil {
				t.Error("not sent")
			}
		}), name)
	}
}

func BenchmarkSend(b *testing.B) {
	for _, size := range []int{2, 100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			h, id := crowd(b, size)
			m := relay.Message{From: who("1"), Op: 1, Data: make([]byte, 800)}
			b.ReportAllocs()
			for b.Loop() {
				if err := h.Send(id, m, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
