package dashboard_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/dashboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

const key = "a key that is long enough"

// game sends everybody four bytes each tick, and answers signals.
type game struct{ match.NopHandler[struct{}] }

func (game) Init(_ context.Context, p match.Params) (struct{}, match.Settings, error) {
	label, _ := p.Value.(string)
	return struct{}{}, match.Settings{Every: match.PerSecond(10), Label: label, Capacity: 2, Inbox: 1}, nil
}

func (game) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, _ []match.Message) error {
	return d.Broadcast(match.Outgoing{Data: []byte("four")})
}

func (game) Signal(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, data string) (string, error) {
	if data == "" {
		return "", errors.New("nothing to say")
	}
	return "you said " + data, nil
}

// counted are matches that count how often they are looked at.
type counted struct {
	*match.Registry
	lists atomic.Int64
}

func (c *counted) List(q match.ListRequest) (match.Page, error) {
	c.lists.Add(1)
	return c.Registry.List(q)
}

// world is a server with a dashboard, in a bubble of time.
type world struct {
	*testing.T
	matches *counted
	window  *dashboard.Dashboard
	handler http.Handler
}

// inWorld runs a test; the domains, if not nil, are added to.
func inWorld(t *testing.T, domains func(*dashboard.Domains), test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		window, err := dashboard.New(dashboard.Config{Key: key})
		require.NoError(t, err)
		registry, err := match.New(match.Config{Hooks: window.Match()})
		require.NoError(t, err)
		match.Register(registry, "game", game{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- registry.Run(ctx) }()
		defer func() {
			cancel()
			require.NoError(t, <-done)
		}()
		w := &world{T: t, matches: &counted{Registry: registry}, window: window}
		d := dashboard.Domains{Matches: w.matches}
		if domains != nil {
			domains(&d)
		}
		w.handler = window.Handler(d)
		test(t, w)
	})
}

func (w *world) create(label string) match.ID {
	w.Helper()
	id, err := w.matches.Create(w.Context(), "game", label)
	require.NoError(w, err)
	return id
}

func named(name string) presence.Presence {
	return presence.Presence{User: "user-" + name, Session: "session-" + name, Username: name}
}

func (w *world) join(id match.ID, name string) error {
	return w.matches.Join(w.Context(), match.JoinRequest{ID: id, Who: match.Joiner{Presence: named(name)}})
}

// do sends a request with the key.
func (w *world) do(method, path, body string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// answers does something and returns the answer.
func (w *world) answers(status int, method, path, body string) map[string]any {
	w.Helper()
	rec := w.do(method, path, body)
	require.Equal(w, status, rec.Code, rec.Body)
	return parse(w.T, rec.Body.String())
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

// tape is a response that is read while it is written.
type tape struct {
	*io.PipeWriter
	header http.Header
}

func (t tape) Header() http.Header { return t.header }
func (tape) WriteHeader(int)       {}
func (tape) Flush()                {}

// watching is an open stream.
type watching struct {
	*world
	frames chan map[string]any // closed when the stream ends
	leave  context.CancelFunc
}

// watch opens a stream.
func (w *world) watch(path string) *watching {
	ctx, leave := context.WithCancel(w.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+key)
	out, in := io.Pipe()
	v := &watching{w, make(chan map[string]any, 100), leave}
	go func() {
		w.handler.ServeHTTP(tape{in, http.Header{}}, r)
		_ = in.Close()
	}()
	go func() {
		defer close(v.frames)
		all := json.NewDecoder(stripped{out})
		for {
			var frame map[string]any
			if all.Decode(&frame) != nil {
				return
			}
			v.frames <- frame
		}
	}()
	return v
}

// stripped is a stream without what is around its data.
type stripped struct{ io.Reader }

func (s stripped) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	return copy(b, strings.ReplaceAll(string(b[:n]), "data: ", "")), err
}

// next is the next frame, and the part of it that names lead to.
func (v *watching) next(names ...string) any {
	v.Helper()
	frame, ok := <-v.frames
	require.True(v, ok, "the stream has ended")
	return part(v.T, frame, names...)
}

func part(t *testing.T, of any, names ...string) any {
	t.Helper()
	for _, name := range names {
		fields, ok := of.(map[string]any)
		require.True(t, ok, "no %s in %v", name, of)
		of = fields[name]
	}
	return of
}

// ids are those of the rows of a list.
func ids(t *testing.T, list any) []string {
	t.Helper()
	var all []string
	for _, row := range part(t, list, "rows").([]any) {
		all = append(all, part(t, row, "id").(string))
	}
	return all
}

func TestAMatchAppearsAndMoves(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		id := w.create(`{"mode":"duel"}`)
		require.NoError(t, w.join(id, "ann"))
		time.Sleep(5 * time.Second)
		v := w.watch("/stream?tab=matches")
		frame := v.next()
		require.Equal(t, []any{"matches", "events"}, part(t, frame, "tabs"))
		require.Equal(t, 1.0, part(t, frame, "totals", "matches"))
		require.Equal(t, []string{string(id)}, ids(t, part(t, frame, "list")))
		row := part(t, frame, "list", "rows").([]any)[0]
		require.Equal(t, `{"mode":"duel"}`, part(t, row, "label"))
		require.Equal(t, 1.0, part(t, row, "players"))
		require.Equal(t, 10.0, part(t, row, "rate"))
		require.InDelta(t, 10, part(t, row, "ticks"), 0.5)
		require.Len(t, part(t, row, "past"), 1)

		row = part(t, v.next(), "list", "rows").([]any)[0]
		require.Nil(t, part(t, row, "past"), "it is sent once")
		require.Equal(t, []any{10.0, 40.0}, part(t, row, "out"), "messages and bytes a second")
		for range 70 {
			v.next()
		}
		late := w.watch("/stream?tab=matches")
		row = part(t, late.next(), "list", "rows").([]any)[0]
		require.Len(t, part(t, row, "past"), 60, "who comes later gets the last minute")
		v.leave()
		late.leave()
	})
}

func TestFilterAndSort(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		var all []match.ID
		for _, label := range []string{"One", "Two", "Three"} {
			all = append(all, w.create(label))
			time.Sleep(time.Second)
		}
		require.NoError(t, w.join(all[1], "ann"))
		for query, want := range map[string][]match.ID{
			"sort=oldest":              {all[0], all[1], all[2]},
			"sort=newest":              {all[2], all[1], all[0]},
			"sort=oldest&filter=t":     {all[1], all[2]},
			"filter=tWO":               {all[1]},
			"filter=" + string(all[0]): {all[0]},
			"sort=oldest&filter=game":  {all[0], all[1], all[2]},
			"filter=neither":           nil,
			"sort=players&filter=o":    {all[1], all[0]},
		} {
			v := w.watch("/stream?tab=matches&" + query)
			list := v.next("list")
			v.leave()
			got := ids(t, list)
			require.Len(t, got, len(want), query)
			require.EqualValues(t, len(want), part(t, list, "found"), query)
			if strings.Contains(query, "sort") {
				for i := range want {
					require.Equal(t, string(want[i]), got[i], query)
				}
			}
		}
	})
}

func TestTheListIsBounded(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for range 60 {
			w.create("")
		}
		v := w.watch("/stream?tab=matches")
		defer v.leave()
		list := v.next("list")
		require.Len(t, part(t, list, "rows"), 50)
		require.Equal(t, 60.0, part(t, list, "found"))
	})
}

// The figures are collected while somebody watches, and once for all.
func TestCollection(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.create("")
		time.Sleep(time.Minute)
		require.Zero(t, w.matches.lists.Load(), "nobody has watched")
		var all []*watching
		for range 5 {
			all = append(all, w.watch("/stream?tab=matches"))
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(9500 * time.Millisecond)
		require.LessOrEqual(t, w.matches.lists.Load(), int64(11), "five who watch for ten seconds")
		for _, v := range all {
			require.GreaterOrEqual(t, len(v.frames), 10)
			v.leave()
		}
		synctest.Wait()
		before := w.matches.lists.Load()
		time.Sleep(time.Minute)
		require.Equal(t, before, w.matches.lists.Load(), "nobody watches any more")
	})
}

func TestOneMatch(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		id := w.create("label")
		require.NoError(t, w.join(id, "ann"))
		v := w.watch("/stream/match?id=" + string(id))
		v.next()
		require.NoError(t, w.join(id, "bob"))
		require.ErrorIs(t, w.join(id, "cid"), match.ErrFull)
		for range 3 {
			_ = w.matches.Send(id, "session-ann", match.Message{Data: []byte("hello")}) // two find the inbox full
		}
		frame := v.next()
		roster := part(t, frame, "roster").([]any)
		require.Len(t, roster, 2)
		require.Equal(t, "ann", part(t, roster[0], "name"))
		require.Equal(t, []any{1.0, 5.0}, part(t, roster[0], "in"))
		require.Equal(t, 2.0, part(t, roster[0], "dropped"))
		require.Equal(t, map[string]any{"inbox full": 2.0}, part(t, frame, "match", "dropped"))
		require.Equal(t, map[string]any{"full": 1.0}, part(t, frame, "match", "refused"))
		require.Equal(t, 0.1, part(t, frame, "every"))
		require.Len(t, part(t, frame, "took", "counts"), 12)
		require.Equal(t, []string{"created label", "joined ann", "joined bob", "refused cid match: full", "dropped ann inbox full"},
			told(t, frame))
		require.Nil(t, v.next("events"), "nothing new")
		v.leave()
	})
}

// told are the events of a frame.
func told(t *testing.T, frame any) []string {
	t.Helper()
	var all []string
	for _, e := range part(t, frame, "events").([]any) {
		var words []string
		for _, name := range []string{"kind", "who", "what"} {
			if word, ok := part(t, e, name).(string); ok {
				words = append(words, word)
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func TestWhatCanBeDoneToAMatch(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		id := string(w.create(""))
		require.NoError(t, w.join(match.ID(id), "ann"))
		require.NoError(t, w.join(match.ID(id), "bob"))
		require.Equal(t, "you said hello", w.answers(200, "POST", "/match/signal", `{"id":"`+id+`","data":"hello"}`)["reply"])
		require.Equal(t, "nothing to say", w.answers(409, "POST", "/match/signal", `{"id":"`+id+`"}`)["error"])
		w.answers(200, "POST", "/match/kick", `{"id":"`+id+`","session":"session-ann"}`)
		synctest.Wait()
		w.answers(404, "POST", "/match/kick", `{"id":"`+id+`","session":"session-ann"}`)
		w.answers(400, "POST", "/match/kick", `{`)

		v := w.watch("/stream/match?id=" + id)
		require.Contains(t, told(t, v.next()), "left ann kicked")
		w.answers(200, "POST", "/match/end", `{"id":"`+id+`"}`)
		frame := v.next()
		require.Equal(t, true, part(t, frame, "ended"))
		require.Contains(t, told(t, frame), "ended with 1 members: match: stopped")
		_, more := <-v.frames
		require.False(t, more, "that was the last")

		for path, body := range map[string]string{
			"/match/end": `{"id":"` + id + `"}`, "/match/signal": `{"id":"` + id + `"}`, "/match/kick": `{"id":"` + id + `"}`,
		} {
			w.answers(404, "POST", path, body)
		}
		w.answers(404, "GET", "/stream/match?id=nobody-knows-it", "")
		again := w.watch("/stream/match?id=" + id)
		require.Equal(t, true, again.next("ended"), "what happened can still be read")
	})
}

func TestEvents(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		id := w.create("label")
		synctest.Wait()
		v := w.watch("/stream?tab=events")
		require.Equal(t, []string{"created label"}, told(t, v.next()))
		require.NoError(t, w.matches.End(t.Context(), id, 0))
		require.Len(t, told(t, v.next()), 2)
		v.leave()
	})
}

// However much happens, what is kept is bounded.
func TestEventsAreBounded(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		hooks := w.window.Match()
		id := w.create("")
		synctest.Wait()
		for i := range 1000 {
			hooks.Joined(id, named(string(rune('a'+i%26))))
		}
		for range 1000 {
			hooks.Dropped(id, named("ann"), match.DropRate, 2)
		}
		v := w.watch("/stream/match?id=" + string(id))
		events := part(t, v.next(), "events").([]any)
		require.Len(t, events, 50)
		require.Equal(t, 2000.0, part(t, events[49], "n"), "a flood is one line")
		v.leave()

		first := w.create("")
		require.NoError(t, w.matches.End(t.Context(), first, 0))
		for range 100 {
			require.NoError(t, w.matches.End(t.Context(), w.create(""), 0))
		}
		w.answers(404, "GET", "/stream/match?id="+string(first), "")
	})
}

func TestStreamsEnd(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		start := time.Now()
		v := w.watch("/stream")
		for range v.frames {
		}
		require.Equal(t, 10*time.Minute, time.Since(start), "the browser asks again")

		var all []*watching
		for range 64 {
			one := w.watch("/stream")
			one.next()
			all = append(all, one)
		}
		require.Equal(t, http.StatusServiceUnavailable, w.do("GET", "/stream", "").Code)
		w.window.Close()
		for _, one := range all {
			for range one.frames {
			}
		}
		late := w.watch("/stream")
		late.next()
		_, more := <-late.frames
		require.False(t, more, "the server is stopping")
	})
}
