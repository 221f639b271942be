package matchmaker_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
)

// box is an Outbox that keeps what it should tell.
type box struct {
	mu      sync.Mutex
	results []matchmaker.Result
	order   []string // replies and results as they came
	expired []string // tickets
}

func (b *box) Matched(r matchmaker.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results = append(b.results, r)
	b.order = append(b.order, "matched")
}

func (b *box) Expired(t *matchmaker.Ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expired = append(b.expired, t.ID)
}

func (b *box) told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.expired
}

func (b *box) replied(string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.order = append(b.order, "reply")
}

// take returns who was matched since the last take: a text like "ann bob" for each group.
func (b *box) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	groups := []string{}
	for _, r := range b.results {
		groups = append(groups, players(r))
	}
	b.results = nil
	return groups
}

func players(r matchmaker.Result) string {
	var names []string
	for _, e := range r.Entries {
		names = append(names, e.Presence.Session)
	}
	return strings.Join(names, " ")
}

func presences(sessions string) (all []presence.Presence) {
	for s := range strings.FieldsSeq(sessions) {
		all = append(all, presence.Presence{User: "u-" + s, Session: s, Username: "n-" + s})
	}
	return all
}

// solo is a request of one player who takes anybody.
func solo(session string, low, high int) matchmaker.Request {
	return matchmaker.Request{Presences: presences(session), MinCount: low, MaxCount: high, Query: "*"}
}

// party is a request of players who stay together.
func party(id, sessions string, low, high int) matchmaker.Request {
	r := solo(sessions, low, high)
	r.PartyID = id
	return r
}

// asking is a request with a query, and string properties as pairs.
func asking(session, text string, pairs ...string) matchmaker.Request {
	r := solo(session, 2, 2)
	r.Query = text
	r.StringProps = map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		r.StringProps[pairs[i]] = pairs[i+1]
	}
	return r
}

func newMatchmaker(t testing.TB, c matchmaker.Config) (*matchmaker.Matchmaker, *box) {
	t.Helper()
	b := &box{}
	if c.Outbox == nil {
		c.Outbox = b
	}
	m, err := matchmaker.New(c)
	require.NoError(t, err)
	return m, b
}

func add(t testing.TB, m *matchmaker.Matchmaker, requests ...matchmaker.Request) (tickets []string) {
	t.Helper()
	for _, r := range requests {
		id, err := m.Add(r)
		require.NoError(t, err)
		tickets = append(tickets, id)
	}
	return tickets
}

// world is a Matchmaker that runs in a bubble of synctest, where time passes only while all are idle.
type world struct {
	*matchmaker.Matchmaker
	*box
	t    *testing.T
	stop func()
}

// inWorld plays with a Matchmaker that runs. Its interval is 15 s unless c says otherwise.
func inWorld(t *testing.T, c matchmaker.Config, play func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) { start(t, c, play) })
}

// inHostedWorld is the same with a host that makes the matches.
func inHostedWorld(t *testing.T, c matchmaker.Config, play func(t *testing.T, w *world, h *host)) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{asked: make(chan matchmaker.Result, 10), answer: make(chan answer)}
		c.Matched = h.matched
		start(t, c, func(t *testing.T, w *world) { play(t, w, h) })
	})
}

func start(t *testing.T, c matchmaker.Config, play func(t *testing.T, w *world)) {
	m, b := newMatchmaker(t, c)
	w := &world{Matchmaker: m, box: b, t: t}
	w.stop = run(t, m)
	defer w.stop() // also when the test fails: a bubble does not end while something runs in it
	play(t, w)
}

func (w *world) add(requests ...matchmaker.Request) []string {
	w.t.Helper()
	return add(w.t, w.Matchmaker, requests...)
}

// runs lets n runs pass, and whatever they set off.
func (w *world) runs(n int) {
	time.Sleep(time.Duration(n) * 15 * time.Second)
	synctest.Wait()
}
