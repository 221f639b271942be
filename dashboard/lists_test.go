package dashboard_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/dashboard"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/transport"
)

func TestSessions(t *testing.T) {
	sessions := transport.NewSessions(transport.Config{QueueMessages: 3})
	inWorld(t, func(d *dashboard.Domains) { d.Sessions = sessions }, func(t *testing.T, w *world) {
		f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, "four"...) })
		for i, name := range []string{"ann", "bob"} {
			server, _ := transport.Pipe(transport.PipeConfig{})
			s, err := sessions.Open(named(name), transport.Text, server)
			require.NoError(t, err)
			for range i {
				s.Queue(f, transport.Outgoing{Replace: 1})
				s.Queue(f, transport.Outgoing{Replace: 1})
			}
		}
		v := w.watch("/stream?tab=sessions")
		frame := v.next()
		require.Equal(t, 2.0, part(t, frame, "open_sessions"))
		require.Equal(t, []string{"session-bob", "session-ann"}, ids(t, part(t, frame, "list")), "the longest queue first")
		bob := part(t, frame, "list", "rows").([]any)[0]
		require.Equal(t, 1.0, part(t, bob, "frames"))
		require.Equal(t, 6.0, part(t, bob, "bytes"), "with the two bytes before each frame")
		require.Equal(t, map[string]any{"superseded": 1.0}, part(t, bob, "dropped"))
		v.leave()

		v = w.watch("/stream?tab=sessions&filter=ANN")
		list := v.next("list")
		require.Equal(t, []string{"session-ann"}, ids(t, list))
		require.Equal(t, 2.0, part(t, list, "all"))
		v.leave()
		require.NoError(t, sessions.Shutdown(w.Context(), transport.CloseNormal, ""))
	})
}

// nobody is an Outbox that tells nobody.
type nobody struct{}

func (nobody) Matched(matchmaker.Result)  {}
func (nobody) Expired(*matchmaker.Ticket) {}

func TestQueue(t *testing.T) {
	queue, err := matchmaker.New(matchmaker.Config{Outbox: nobody{}})
	require.NoError(t, err)
	inWorld(t, func(d *dashboard.Domains) { d.Matchmaker = queue }, func(t *testing.T, w *world) {
		add := func(name, query, region string) string {
			id, err := queue.Add(matchmaker.Request{
				Presences: []presence.Presence{named(name)}, MinCount: 2, MaxCount: 2, Query: query,
				StringProps: map[string]string{"region": region},
			})
			require.NoError(t, err)
			return id
		}
		ann := add("ann", "+region:eu", "eu")
		time.Sleep(3 * time.Second)
		add("bob", "+region:eu", "us")
		v := w.watch("/stream?tab=queue")
		list := v.next("list")
		v.leave()
		require.Equal(t, 2.0, part(t, list, "tickets"))
		pool := part(t, list, "pools").([]any)[0]
		require.Equal(t, 2.0, part(t, pool, "waiting"))
		require.Equal(t, 3.0, part(t, pool, "oldest"))
		oldest := part(t, list, "waiting").([]any)[0]
		require.Equal(t, []any{"ann"}, part(t, oldest, "players"))
		require.Equal(t, 3.0, part(t, oldest, "waited"))

		why := w.answers(200, "GET", "/explain?ticket="+ann, "")
		require.Equal(t, 1.0, why["others"])
		require.Contains(t, why["helps"], map[string]any{"term": "+region:eu", "candidates": 1.0})
		require.Equal(t, []any{"+region:eu"}, part(t, why["obstacles"].([]any)[0], "mine"))
		w.answers(404, "GET", "/explain?ticket=x", "")
	})
}

func TestBoards(t *testing.T) {
	boards, err := leaderboard.Open(context.Background(), leaderboard.Config{Store: memory.New()})
	require.NoError(t, err)
	inWorld(t, func(d *dashboard.Domains) { d.Boards = boards }, func(t *testing.T, w *world) {
		for _, id := range []string{"wins", "losses"} {
			require.NoError(t, boards.Create(w.Context(), leaderboard.Board{ID: id, Sort: leaderboard.Ascending, Operator: leaderboard.Set}))
		}
		for i, name := range []string{"ann", "bob"} {
			_, err := boards.Write(w.Context(), leaderboard.Submission{Board: "wins", Owner: name, Username: name, Score: int64(9 - i)})
			require.NoError(t, err)
		}
		v := w.watch("/stream?tab=boards&filter=wi")
		list := v.next("list")
		v.leave()
		require.Equal(t, []string{"wins"}, ids(t, list))
		row := part(t, list, "rows").([]any)[0]
		require.Equal(t, "low first", part(t, row, "sort"))
		require.Equal(t, "set", part(t, row, "operator"))

		best := w.answers(200, "GET", "/board?id=wins", "")
		require.Equal(t, 2.0, best["records"])
		require.Equal(t, "bob", part(t, best["rows"].([]any)[0], "name"))
		w.answers(404, "GET", "/board?id=x", "")
	})
}

// What the host has not is not there.
func TestWithoutDomains(t *testing.T) {
	inWorld(t, func(d *dashboard.Domains) { d.Matches = nil }, func(t *testing.T, w *world) {
		v := w.watch("/stream?tab=queue")
		frame := v.next()
		v.leave()
		require.Nil(t, part(t, frame, "tabs"))
		require.Nil(t, part(t, frame, "totals"))
		for _, path := range []string{"/explain?ticket=x", "/board?id=x", "/stream/match?id=x"} {
			require.Equal(t, 404, w.do("GET", path, "").Code, path)
		}
	})
}
