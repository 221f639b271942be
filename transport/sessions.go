package transport

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/internal/hook"
	"github.com/shoal-go/shoal/presence"
)

// ErrDuplicate is returned by Open for a session id that is in use.
var ErrDuplicate = errors.New("transport: session id in use")

// Config configures Sessions. The zero value is ready for use.
type Config struct {
	// QueueMessages is how many frames may wait in the queue of one session. 0 means 512: five seconds of a busy
	// match. What is being written at the moment does not count.
	QueueMessages int

	// QueueBytes is how many bytes may wait in the queue of one session. 0 means 1 MiB. A frame that is larger
	// still finds room in an empty queue.
	QueueBytes int

	// WriteWait is how long a closing session goes on writing what is queued before the connection is closed.
	// 0 means 5 seconds.
	WriteWait time.Duration

	// Logger gets failed writes, at debug level. nil drops them.
	Logger *slog.Logger

	// Hooks are told what happens. The zero value means nobody is.
	Hooks Hooks
}

func (c Config) filled() Config {
	if c.QueueMessages <= 0 {
		c.QueueMessages = 512
	}
	if c.QueueBytes <= 0 {
		c.QueueBytes = 1 << 20
	}
	if c.WriteWait <= 0 {
		c.WriteWait = 5 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Hooks observe sessions. A nil func is not called. The funcs run on the goroutine that caused what they tell, holding
// no lock; they must not block.
type Hooks struct {
	Opened  func(*Session)
	Closed  func(*Session)                    // after the connection was freed; Reason tells why
	Dropped func(s *Session, why Drop, n int) // n frames did not leave
}

// With returns hooks that call those of h, then those of other.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Opened:  hook.Both1(h.Opened, other.Opened),
		Closed:  hook.Both1(h.Closed, other.Closed),
		Dropped: hook.Both3(h.Dropped, other.Dropped),
	}
}

// Sessions is the register of who is connected to this node. It is safe for concurrent use.
type Sessions struct {
	cfg    Config
	seed   maphash.Seed
	closed atomic.Bool
	count  atomic.Int64
	byID   [shards]shard[*Session]
	byUser [shards]shard[[]*Session]
}

// shards is how many parts an index has, each with its lock: enough that cores seldom meet.
const shards = 64

// shard is one part of an index. Who needs locks of both indexes takes that of byID first.
type shard[V any] struct {
	sync.RWMutex
	m map[string]V
}

// NewSessions makes an empty register.
func NewSessions(cfg Config) *Sessions {
	r := &Sessions{cfg: cfg.filled(), seed: maphash.MakeSeed()}
	for i := range shards {
		r.byID[i].m = make(map[string]*Session)
		r.byUser[i].m = make(map[string][]*Session)
	}
	return r
}

func (r *Sessions) session(id string) *shard[*Session] {
	return &r.byID[maphash.String(r.seed, id)%shards]
}

func (r *Sessions) user(id string) *shard[[]*Session] {
	return &r.byUser[maphash.String(r.seed, id)%shards]
}

// Open registers the session p.Session of the user p.User on c, which wants messages of the given kind. From now on
// only the session writes to c and closes it; reading is left to the caller, who calls Close of the session when
// Read fails. The errors are ErrClosed after Shutdown, and ErrDuplicate; c is then untouched.
func (r *Sessions) Open(p presence.Presence, kind Kind, c Conn) (*Session, error) {
	s := &Session{who: p, kind: kind, conn: c, owner: r, done: make(chan struct{})}
	s.try, _ = c.(TryWriter)
	s.write = s.run
	if err := r.add(s); err != nil {
		return nil, err
	}
	if r.cfg.Hooks.Opened != nil {
		r.cfg.Hooks.Opened(s)
	}
	return s, nil
}

func (r *Sessions) add(s *Session) error {
	sh := r.session(s.who.Session)
	sh.Lock()
	defer sh.Unlock()
	if r.closed.Load() { // asked under the lock: Shutdown visits this shard after it set closed
		return ErrClosed
	}
	if _, ok := sh.m[s.who.Session]; ok {
		return ErrDuplicate
	}
	sh.m[s.who.Session] = s
	r.count.Add(1)

	// Still under the first lock: a Shutdown must not remove the user's entry before it is there.
	user := r.user(s.who.User)
	user.Lock()
	defer user.Unlock()
	user.m[s.who.User] = append(user.m[s.who.User], s)
	return nil
}

func (r *Sessions) remove(s *Session) {
	sh := r.session(s.who.Session)
	sh.Lock()
	delete(sh.m, s.who.Session)
	sh.Unlock()
	r.count.Add(-1)

	user := r.user(s.who.User)
	user.Lock()
	defer user.Unlock()
	if rest := slices.DeleteFunc(user.m[s.who.User], func(o *Session) bool { return o == s }); len(rest) > 0 {
		user.m[s.who.User] = rest
	} else {
		delete(user.m, s.who.User)
	}
}

// Get returns the session with this id, until its connection is freed.
func (r *Sessions) Get(id string) (*Session, bool) {
	sh := r.session(id)
	sh.RLock()
	s, ok := sh.m[id]
	sh.RUnlock()
	return s, ok
}

// OfUser returns the sessions of one user, the oldest first.
func (r *Sessions) OfUser(user string) []*Session {
	sh := r.user(user)
	sh.RLock()
	defer sh.RUnlock()
	return slices.Clone(sh.m[user])
}

// Len returns how many sessions there are.
func (r *Sessions) Len() int { return int(r.count.Load()) }

// All yields the sessions in no order. Sessions opened meanwhile may be missed; the loop may call anything.
func (r *Sessions) All() iter.Seq[*Session] {
	return func(yield func(*Session) bool) {
		var some []*Session
		for i := range r.byID {
			some = appendValues(some[:0], &r.byID[i])
			for _, s := range some {
				if !yield(s) {
					return
				}
			}
		}
	}
}

func appendValues[V any](list []V, sh *shard[V]) []V {
	sh.RLock()
	defer sh.RUnlock()
	for _, v := range sh.m {
		list = append(list, v)
	}
	return list
}

// Shutdown lets nobody in any more and closes every session, all at the same time: what is queued is written, then
// code and reason are sent. It returns when all have ended, or with the error of ctx; the sessions that still close
// then end by themselves, within the waits of the register and of their connections.
func (r *Sessions) Shutdown(ctx context.Context, code int, reason string) error {
	r.closed.Store(true)
	all := slices.Collect(r.All())
	for _, s := range all {
		s.Close(code, reason)
	}
	for _, s := range all {
		select {
		case <-s.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *Sessions) dropped(s *Session, why Drop, n int) {
	if n > 0 && r.cfg.Hooks.Dropped != nil {
		r.cfg.Hooks.Dropped(s, why, n)
	}
}
