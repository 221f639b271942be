package match_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// TestMain fails when tests leave goroutines behind.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	patience := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before && time.Now().Before(patience) {
		runtime.Gosched() // those that are ending need the processor a few times more
	}
	if left := runtime.NumGoroutine() - before; left > 0 && code == 0 {
		stacks := make([]byte, 1<<16)
		fmt.Printf("%d goroutines left behind:\n%s\n", left, stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	os.Exit(code)
}

var (
	noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	ann  = who("ann")
	bob  = who("bob")
	cid  = who("cid")
	dan  = who("dan")
)

const every = 100 * time.Millisecond

func who(name string) presence.Presence {
	return presence.Presence{User: "u-" + name, Session: name, Username: strings.ToUpper(name), Node: "shoal"}
}

// turn is what every callback gets, apart from the state.
type turn struct {
	context.Context
	*match.Dispatcher
	tick tick.Tick
}

// script is a handler made of functions. A nil one does what NopHandler does, but Terminate, which does nothing.
type script struct {
	set       match.Settings // Every 0 means 100 ms
	init      func(ctx context.Context, p match.Params) (match.Settings, error)
	attempt   func(c turn, who match.Joiner) error
	join      func(c turn, who []presence.Presence) error
	leave     func(c turn, gone []match.Departure) error
	loop      func(c turn, in []match.Message) error
	terminate func(c turn, grace time.Duration) error
	signal    func(c turn, data string) (string, error)
}

type none = struct{}

func (h *script) Init(ctx context.Context, p match.Params) (none, match.Settings, error) {
	set, err := h.set, error(nil)
	if h.init != nil {
		set, err = h.init(ctx, p)
	}
	if set.Every == 0 {
		set.Every = every
	}
	return none{}, set, err
}

func (h *script) JoinAttempt(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, who match.Joiner) error {
	if h.attempt == nil {
		return nil
	}
	return h.attempt(turn{ctx, d, t}, who)
}

func (h *script) Join(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, who []presence.Presence) error {
	if h.join == nil {
		return nil
	}
	return h.join(turn{ctx, d, t}, who)
}

func (h *script) Leave(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, gone []match.Departure) error {
	if h.leave == nil {
		return nil
	}
	return h.leave(turn{ctx, d, t}, gone)
}

func (h *script) Loop(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, in []match.Message) error {
	if h.loop == nil {
		return nil
	}
	return h.loop(turn{ctx, d, t}, in)
}

func (h *script) Terminate(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, g time.Duration) error {
	if h.terminate == nil {
		return nil
	}
	return h.terminate(turn{ctx, d, t}, g)
}

func (h *script) Signal(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, data string) (string, error) {
	if h.signal == nil {
		return "", nil
	}
	return h.signal(turn{ctx, d, t}, data)
}

// journal writes down what happens, one line each, in order. It is an Outbox.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

// take returns what was written since the last take.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

func (j *journal) MatchData(_ match.ID, to []presence.Presence, m match.Outgoing) {
	j.add("data %d %q to %s", m.Op, m.Data, names(to))
}

func (j *journal) MatchPresence(_ match.ID, to, joined, left []presence.Presence) {
	j.add("presence +%s -%s to %s", names(joined), names(left), names(to))
}

func (j *journal) MatchEnded(_ match.ID, to []presence.Presence, err error) {
	j.add("ended (%v) to %s", err, names(to))
}

func (j *journal) Flush(_ match.ID, to []presence.Presence) { j.add("flush %s", names(to)) }

// hooks write to the journal too.
func (j *journal) hooks() match.Hooks {
	return match.Hooks{
		Created: func(i match.Info) { j.add("hook created %s", i.Handler) },
		Ended: func(i match.Info, roster []presence.Presence, cause error) {
			j.add("hook ended %s [%s] (%v)", i.Handler, names(roster), cause)
		},
		Joined:  func(_ match.ID, p presence.Presence) { j.add("hook joined %s", p.Session) },
		Refused: func(_ match.ID, p presence.Presence, cause error) { j.add("hook refused %s (%v)", p.Session, cause) },
		Left:    func(_ match.ID, d match.Departure) { j.add("hook left %s %s", d.Session, d.Reason) },
		Dropped: func(_ match.ID, p presence.Presence, _ match.Drop, _ int) { j.add("hook dropped %s", p.Session) },
	}
}

func names(ps []presence.Presence) string {
	var s []string
	for _, p := range ps {
		s = append(s, p.Session)
	}
	return strings.Join(s, ",")
}

func sessions(gone []match.Departure) string {
	var s []string
	for _, d := range gone {
		s = append(s, d.Session+" "+d.Reason.String())
	}
	return strings.Join(s, ",")
}

// world is a registry with a clock that moves by hand, and one handler named "m".
type world struct {
	*match.Registry
	*journal
	t     *testing.T
	clock *tick.Manual
}

func newWorld(t *testing.T, h match.Handler[none], c match.Config) *world {
	t.Helper()
	w := &world{journal: &journal{}, t: t, clock: tick.NewManual(noon)}
	if c.Outbox == nil {
		c.Outbox = w.journal
	}
	c.Source = w.clock
	var err error
	w.Registry, err = match.New(c)
	require.NoError(t, err)
	match.Register(w.Registry, "m", h)
	return w
}

// create makes a match and lets players join; the journal starts after that.
func (w *world) create(players ...presence.Presence) match.ID {
	w.t.Helper()
	id, err := w.Create(w.t.Context(), "m", nil)
	require.NoError(w.t, err)
	for _, p := range players {
		require.NoError(w.t, w.join(id, p))
	}
	w.take()
	return id
}

func (w *world) join(id match.ID, p presence.Presence) error {
	return w.Join(w.t.Context(), match.JoinRequest{ID: id, Who: match.Joiner{Presence: p}})
}

func (w *world) tick(n int) { w.clock.Advance(time.Duration(n) * every) }

// live runs a scheduler and a registry on it inside a synctest bubble, until stop or the end of the test.
func live(t *testing.T, h match.Handler[none], s tick.Config, c match.Config) (r *match.Registry, stop func()) {
	t.Helper()
	s.Stagger = -1 // round numbers
	scheduler := tick.NewScheduler(s)
	c.Source = scheduler
	r, err := match.New(c)
	require.NoError(t, err)
	match.Register(r, "m", h)
	ctx, cancel := context.WithCancel(t.Context())
	turns, cancelTurns := context.WithCancel(context.Background())
	ran, gave := make(chan error, 1), make(chan error, 1)
	go func() { ran <- r.Run(ctx) }()
	go func() { gave <- scheduler.Run(turns) }()
	stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-ran)
		cancelTurns()
		assert.NoError(t, <-gave)
	})
	t.Cleanup(stop)
	return r, stop
}

// pause lets the bubble's time pass, and everything happen that is due by then.
func pause(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func create(t *testing.T, r *match.Registry) match.ID {
	t.Helper()
	id, err := r.Create(t.Context(), "m", nil)
	require.NoError(t, err)
	return id
}

func seat(id match.ID, p presence.Presence) match.JoinRequest {
	return match.JoinRequest{ID: id, Who: match.Joiner{Presence: p}}
}
