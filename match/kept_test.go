package match_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// disk is where snapshots are.
type disk struct {
	mu   sync.Mutex
	kept map[match.ID]match.Snapshot
}

func newDisk() *disk { return &disk{kept: make(map[match.ID]match.Snapshot)} }

// shelf is a disk as one process sees it: fail is asked before each operation, and may wait.
type shelf struct {
	*disk
	fail func(op string) error
	save func(match.Snapshot) error // asked before each save that does not fail; nil lets all pass
	lost error                      // what a save answers though it is done
	ops  []string
}

func (s *shelf) begin(ctx context.Context, op string) error {
	s.mu.Lock()
	fail := s.fail
	s.mu.Unlock()
	if fail != nil {
		if err := fail(op); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	s.ops = append(s.ops, op)
	return nil
}

func (s *shelf) failing(fail func(op string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

// saving has save asked before each save.
func (s *shelf) saving(save func(match.Snapshot) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.save = save
}

func (s *shelf) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	if err := s.begin(ctx, "save"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.save != nil {
		if err := s.save(m); err != nil {
			return err
		}
	}
	kept, ok := s.kept[m.ID]
	switch {
	case !ok && m.Version > 1:
		return match.ErrNotFound
	case kept.Epoch > m.Epoch || kept.Epoch == m.Epoch && kept.Version > m.Version:
		return match.ErrStale
	}
	s.kept[m.ID] = m
	return s.lost
}

func (s *shelf) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	if err := s.begin(ctx, "load"); err != nil {
		return match.Snapshot{}, err
	}
	defer s.mu.Unlock()
	m, ok := s.kept[id]
	if !ok {
		return m, match.ErrNotFound
	}
	return m, nil
}

func (s *shelf) DeleteSnapshot(ctx context.Context, id match.ID, epoch int64) error {
	if err := s.begin(ctx, "delete"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.kept[id].Epoch > epoch {
		return match.ErrStale
	}
	delete(s.kept, id)
	return nil
}

func (s *shelf) PageSnapshots(ctx context.Context, after match.ID, limit int) (page []match.Snapshot, err error) {
	if err := s.begin(ctx, "page"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	for _, m := range s.kept {
		if m.ID > after {
			m.State = nil
			page = append(page, m)
		}
	}
	slices.SortFunc(page, func(a, b match.Snapshot) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
	return page[:min(limit, len(page))], nil
}

// done returns what was done since it was last called.
func (s *shelf) done() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := s.ops
	s.ops = nil
	return ops
}

// state is what is kept of a match.
func (s *shelf) state(id match.ID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.kept[id].State)
}

// tally is a match that counts: each message, and the signals that say so. It tells the count to all, and sleeps.
type tally struct {
	match.NopHandler[int]
	j     *journal
	alarm time.Time                         // until when it sleeps
	label func(n int) string                // what it is listed with; nil never changes it
	save  func(*int) ([]byte, error)        // nil is what it should be
	load  func(data []byte) (int, error)    // nil is what it should be
	loop  func(d *match.Dispatcher, s *int) // comes before the sleep
}

func (h *tally) Init(context.Context, match.Params) (int, match.Settings, error) {
	// The clock may move while a turn runs on the goroutine that the store was waited for on.
	return 0, match.Settings{Every: every, Capacity: 3, Label: "new", MaxBehind: 1000}, nil
}

func (h *tally) Join(_ context.Context, d *match.Dispatcher, t tick.Tick, s *int, who []presence.Presence) error {
	h.j.add("join %s, tick %d, count %d", names(who), t.N, *s)
	return d.Save()
}

func (h *tally) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *int, gone []match.Departure) error {
	h.j.add("leave %s", sessions(gone))
	return nil
}

func (h *tally) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *int, in []match.Message) error {
	h.j.add("loop %d at %v", t.N, t.At.Sub(noon))
	*s += len(in)
	if len(in) > 0 {
		if err := d.Broadcast(match.Outgoing{Data: []byte(strconv.Itoa(*s))}); err != nil {
			return err
		}
	}
	if h.label != nil {
		if err := d.SetLabel(h.label(*s)); err != nil {
			return err
		}
	}
	if h.loop != nil {
		h.loop(d, s)
	}
	return d.SleepUntil(h.alarm)
}

func (h *tally) Terminate(context.Context, *match.Dispatcher, tick.Tick, *int, time.Duration) error {
	h.j.add("terminate")
	return nil
}

func (h *tally) Signal(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *int, data string) (string, error) {
	switch data {
	case "count":
		*s++
		_ = d.Broadcast(match.Outgoing{Data: []byte("counted")})
		return strconv.Itoa(*s), d.Save()
	case "count and forget":
		*s++
		_ = d.Broadcast(match.Outgoing{Data: []byte("counted")})
	case "end":
		_ = d.Broadcast(match.Outgoing{Data: []byte("the end")})
		return "", match.ErrEnd
	}
	return strconv.Itoa(*s), nil
}

func (h *tally) Snapshot(s *int) ([]byte, error) {
	if h.save != nil {
		return h.save(s)
	}
	return []byte(strconv.Itoa(*s)), nil
}

func (h *tally) Restore(_ context.Context, data []byte) (int, error) {
	h.j.add("restore %s", data)
	if h.load != nil {
		return h.load(data)
	}
	return strconv.Atoi(string(data))
}

// holdingTally also holds the seats of those who lost their connection, for a minute.
type holdingTally struct{ *tally }

func (h holdingTally) Hold(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *int, who presence.Presence,
) (time.Duration, error) {
	h.j.add("hold %s", who.Session)
	return time.Minute, nil
}

func (h holdingTally) Return(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *int, old, now presence.Presence,
) error {
	h.j.add("return %s for %s, count %d", now.Session, old.Session, *s)
	return nil
}

// keptWorld is a world whose matches are tallies. It lives in a bubble.
type keptWorld struct {
	*world
	*shelf
	game  *tally
	hooks match.Hooks
	log   *slog.Logger
}

// inKeptWorld runs a test in such a world, in a bubble.
func inKeptWorld(t *testing.T, test func(t *testing.T, w *keptWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &keptWorld{shelf: &shelf{disk: newDisk()}, game: &tally{}}
		w.restart(t)
		test(t, w)
		synctest.Wait()
	})
}

// restart forgets everything but what is on the disk, as a new process does. Holders are registered as "holder".
func (w *keptWorld) restart(t *testing.T) {
	t.Helper()
	clock := tick.NewManual(noon)
	if w.world != nil {
		clock = tick.NewManual(w.clock.Now()) // the process before gets no more ticks
	}
	w.shelf = &shelf{disk: w.disk}
	j := &journal{}
	r, err := match.New(match.Config{Outbox: j, Source: clock, Snapshots: w.shelf, Hooks: w.hooks, Logger: w.log})
	require.NoError(t, err)
	w.game.j = j
	w.world = &world{Registry: r, journal: j, t: t, clock: clock}
	match.Register(r, "m", match.Handler[int](w.game))
	match.Register(r, "holder", match.Handler[int](holdingTally{w.game}))
	require.NoError(t, r.Resume(t.Context()))
	synctest.Wait()
	w.done()
}

// create makes a match, has players join and lets it go to sleep. Journal and shelf start after that.
func (w *keptWorld) create(handler string, players ...presence.Presence) match.ID {
	w.t.Helper()
	id, err := w.Create(w.t.Context(), handler, nil)
	require.NoError(w.t, err)
	for _, p := range players {
		require.NoError(w.t, w.join(id, p))
	}
	synctest.Wait()
	w.advance(every)
	w.take()
	w.done()
	return id
}

// advance moves the clock and waits for the store.
func (w *keptWorld) advance(d time.Duration) {
	w.clock.Advance(d)
	synctest.Wait()
}

func (w *keptWorld) signal(id match.ID, data string) string {
	w.t.Helper()
	reply, err := w.Signal(w.t.Context(), id, data)
	require.NoError(w.t, err)
	synctest.Wait()
	return reply
}

func (w *keptWorld) send(id match.ID, p presence.Presence) {
	w.t.Helper()
	require.NoError(w.t, w.Send(id, p.Session, match.Message{}))
	synctest.Wait()
}

var errStore = errors.New("store is down")
