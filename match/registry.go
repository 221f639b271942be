package match

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Config configures a [Registry]. The zero value is good for a test.
type Config struct {
	// Outbox takes what matches send. nil drops it; players with a [Sink] get theirs all the same.
	Outbox Outbox
	// Source gives matches their turns. nil means a tick.Scheduler of the registry's own, which runs while Run
	// does; a source of the host's is run by the host.
	Source tick.Source
	// Node ends the ids of matches, 1 to 16 characters without a dot. "" means "shoal".
	Node string
	// Grace is how long matches may go on after Terminate when Run stops. 0 ends them at once, without Terminate.
	Grace time.Duration
	// CallTimeout bounds calls that wait for a match and whose context has no deadline. 0 means 10 s.
	CallTimeout time.Duration
	// Snapshots keeps the matches whose handler is a Snapshotter. nil keeps none, and they are like all others.
	Snapshots Snapshots
	// Go runs work with Snapshots, for which a match waits. nil gives each a goroutine. One that returns when the work is
	// done makes tests predictable.
	Go func(work func())
	// Hooks observe all matches.
	Hooks Hooks
	// Logger gets what goes wrong in matches. nil drops it.
	Logger *slog.Logger
}

// Registry holds the running matches of one node. It is safe for concurrent use. Create and Join work before Run;
// matches get their turns while Run runs, or as the host's own Source gives them.
type Registry struct {
	out     Outbox
	drops   DropOutbox // nil if the outbox is none
	source  tick.Source
	own     *tick.Scheduler // nil if the source is the host's
	node    string
	grace   time.Duration
	timeout time.Duration
	hooks   Hooks
	log     *slog.Logger

	snapshots Snapshots
	work      func(func())
	storing   context.Context // of all that is done with snapshots
	giveUp    context.CancelFunc

	waits sync.Mutex // guards match.waits and gate.creator

	index index

	gatesMu sync.Mutex
	gates   map[gateKey]*gate // those that have callers

	mu       sync.RWMutex
	handlers map[string]kind
	matches  map[string]*match // by uuid
	seq      uint64
	ended    map[string]*match // those that spectators with a delay have not seen to the end
	past     Counts            // of those that have ended
	live     int               // matches that have not ended, or are still telling that they have
	resumed  bool
	stopped  bool
	empty    chan struct{} // closed when stopped and live is 0
}

// New makes a registry. The error says what is wrong with the Config.
func New(c Config) (*Registry, error) {
	r := &Registry{
		out: c.Outbox, source: c.Source, node: c.Node, grace: c.Grace, timeout: c.CallTimeout,
		snapshots: c.Snapshots, work: c.Go, hooks: c.Hooks, log: c.Logger,
		gates:    make(map[gateKey]*gate),
		handlers: make(map[string]kind), matches: make(map[string]*match), ended: make(map[string]*match), empty: make(chan struct{}),
	}
	r.storing, r.giveUp = context.WithCancel(context.Background())
	if r.out == nil {
		r.out = nowhere{}
	}
	if r.work == nil {
		r.work = func(do func()) { go do() }
	}
	r.drops, _ = r.out.(DropOutbox)
	if r.source == nil {
		r.own = tick.NewScheduler(tick.Config{})
		r.source = r.own
	}
	if r.node == "" {
		r.node = "shoal"
	}
	if len(r.node) > 16 || slices.Contains([]byte(r.node), '.') {
		return nil, fmt.Errorf("match: node %q: must be 1-16 characters without a dot", r.node)
	}
	if c.Grace < 0 || c.CallTimeout < 0 {
		return nil, errors.New("match: Config.Grace or CallTimeout is negative")
	}
	if r.timeout == 0 {
		r.timeout = 10 * time.Second
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r, nil
}

// Register makes a kind of match known under a name. It panics if the name is empty or taken, which is a mistake in
// the program.
func Register[S any](r *Registry, name string, h Handler[S]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "" || r.handlers[name] != nil {
		panic(fmt.Sprintf("match: Register: name %q is empty or taken", name))
	}
	r.handlers[name] = newKind(h)
}

// unlist makes sure that nobody finds the match any more, but spectators who leave.
func (r *Registry) unlist(m *match) {
	r.mu.Lock()
	delete(r.matches, m.id.UUID())
	r.past.add(m.last())
	if m.gallery != nil {
		r.ended[m.id.UUID()] = m
	}
	r.mu.Unlock()
	r.index.remove(m)
}

// done says that a match has ended and everybody has been told.
func (r *Registry) done(m *match) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ended, m.id.UUID())
	if r.live--; r.stopped && r.live == 0 {
		close(r.empty)
	}
}

// reportEnd reports the end of a match.
func (r *Registry) reportEnd(info Info, roster []presence.Presence, cause error) {
	var panicked *PanicError
	switch {
	case errors.As(cause, &panicked):
		r.log.Error("match ended by a panic", "match", info.ID, "handler", info.Handler,
			"callback", panicked.Callback, "panic", panicked.Value, "stack", string(panicked.Stack))
	case cause == nil || errors.Is(cause, ErrStopped) || errors.Is(cause, ErrEmpty):
		r.log.Debug("match ended", "match", info.ID, "handler", info.Handler, "cause", cause)
	default:
		r.log.Error("match failed", "match", info.ID, "handler", info.Handler, "cause", cause)
	}
	if r.hooks.Ended != nil {
		r.hooks.Ended(info, roster, cause)
	}
}

func (r *Registry) find(id ID) *match {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.matches[id.UUID()]
}

// findAny also finds a match that has ended and that somebody still watches.
func (r *Registry) findAny(id ID) *match {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if m := r.matches[id.UUID()]; m != nil {
		return m
	}
	return r.ended[id.UUID()]
}

// stopping reports whether Run has been told to stop.
func (r *Registry) stopping() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.stopped
}

// Run gives matches their turns until ctx is done. Then it refuses new matches, calls Terminate with the Grace on
// all that run, ends those that are left when it is over, and returns nil once the last has ended. Matches that are kept
// in Config.Snapshots get no Terminate and do not end: they are stored and leave the registry at once, with
// Hooks.Ended and ErrStopped; the next process goes on with them. If a callback or the store does not return within a few
// seconds after the Grace, Run gives it up and returns an error. Run begins with Resume unless that has been done; its
// error is that of Run. Run may be called once.
func (r *Registry) Run(ctx context.Context) error {
	defer r.giveUp()
	if err := r.Resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if r.own != nil {
		turns, stop := context.WithCancel(context.WithoutCancel(ctx))
		var wg sync.WaitGroup
		wg.Go(func() { _ = r.own.Run(turns) })
		defer func() {
			stop()
			if r.running() == 0 { // a stuck match would never let its worker go
				wg.Wait()
			}
		}()
	}
	<-ctx.Done()
	for _, m := range r.stop() {
		end := call{kind: callEnd, span: r.grace}
		if m.keeper != nil {
			end.kind = callSuspend
		}
		_ = m.post(end) // one that has ended needs no end
		m.handle.Wake()
	}
	const patience = 5 * time.Second
	late := time.NewTimer(r.grace + patience)
	defer late.Stop()
	select {
	case <-r.empty:
		return nil
	case <-late.C:
		return fmt.Errorf("match: %d matches did not end", r.running())
	}
}

// stop refuses new matches and returns those that run.
func (r *Registry) stop() []*match {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	if r.live == 0 {
		close(r.empty)
	}
	byAge := slices.SortedFunc(maps.Values(r.matches), func(a, b *match) int { return cmp.Compare(a.seq, b.seq) })
	return slices.AppendSeq(byAge, maps.Values(r.ended))
}

// running is how many matches have not ended, or are still telling that they have.
func (r *Registry) running() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.live
}
