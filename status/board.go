package status

import (
	"cmp"
	"errors"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/shoal-go/shoal/internal/roster"
	"github.com/shoal-go/shoal/presence"
)

// What the methods of a [Board] return, to be asked for with errors.Is.
var (
	// ErrTooLong means that a text has more than MaxText bytes.
	ErrTooLong = errors.New("status: text is too long")
	// ErrTooMany means that the session would follow too many users.
	ErrTooMany = errors.New("status: too many users followed")
	// ErrNoSession means that the session has not entered, or has left.
	ErrNoSession = errors.New("status: no such session")
)

// MaxText is the longest text, in bytes.
const MaxText = 2048

const defaultMaxFollowed = 10_000

// Config configures a [Board].
type Config struct {
	// Outbox tells those who follow. Required.
	Outbox Outbox
	// MaxFollowed is how many users a session may follow at once, besides its own. 0 means 10,000.
	MaxFollowed int
}

// Presence is a session that shows itself.
type Presence struct {
	presence.Presence
	Text string // what it says of itself; may be empty
}

// Outbox is what a network layer implements to tell sessions of the users that they follow.
//
// It is called with the lock of a user held, one call at a time for one user, at the same time for different ones. The
// methods queue what they are given and return; they never block and never call the Board. All slices are valid during
// the call only and must not be changed.
type Outbox interface {
	// StatusPresence tells sessions how somebody was, until now, and is, from now on. Who appears was nothing before;
	// who disappears is nothing from now on.
	StatusPresence(to []presence.Presence, now, before []Presence)
	// Flush follows and is for the same sessions: what is queued should go out now.
	Flush(to []presence.Presence)
}

// Board knows who is online, and who wants to know. It is safe for concurrent use, but the Outbox and accepted functions
// must not call it. It starts no goroutine and needs no closing.
type Board struct {
	outbox      Outbox
	maxFollowed int
	seed        maphash.Seed
	shards      [shards]shard

	mu struct { // may be taken while the lock of a shard is held, not the other way round
		sync.Mutex
		sessions map[string]*session
	}
}

// shards is how many parts the users are in, each with its lock: enough that two users seldom meet.
const shards = 64

type shard struct {
	sync.Mutex
	users map[string]*user
}

// user is somebody who shows itself or is followed. The lock of its shard guards it.
type user struct {
	shown     []Presence // oldest first
	followers roster.Roster
}

// session is one that has entered.
type session struct {
	who     presence.Presence
	follows map[string]struct{} // users; not its own
}

// New makes a Board on which nobody is. It fails if the Config is wrong.
func New(c Config) (*Board, error) {
	if c.Outbox == nil {
		return nil, errors.New("status: Config needs an Outbox")
	}
	if c.MaxFollowed < 0 {
		return nil, errors.New("status: Config.MaxFollowed is negative")
	}
	b := &Board{outbox: c.Outbox, maxFollowed: cmp.Or(c.MaxFollowed, defaultMaxFollowed), seed: maphash.MakeSeed()}
	for i := range b.shards {
		b.shards[i].users = make(map[string]*user)
	}
	b.mu.sessions = make(map[string]*session)
	return b, nil
}

func (b *Board) shard(user string) int { return int(maphash.String(b.seed, user) % shards) }

// lock takes the locks of some users in the order that everybody keeps, and returns how to give them back.
func (b *Board) lock(users ...string) (unlock func()) {
	held := make([]int, len(users))
	for i, u := range users {
		held[i] = b.shard(u)
	}
	slices.Sort(held)
	held = slices.Compact(held)
	for _, i := range held {
		b.shards[i].Lock()
	}
	return func() {
		for _, i := range held {
			b.shards[i].Unlock()
		}
	}
}

// user returns what is known of a user, whose lock is held; nil if nothing is.
func (b *Board) user(id string) *user { return b.shards[b.shard(id)].users[id] }

// made is user for one who will be known.
func (b *Board) made(id string) *user {
	users := b.shards[b.shard(id)].users
	if users[id] == nil {
		users[id] = &user{}
	}
	return users[id]
}

// tidy forgets a user of whom nothing is left to know.
func (b *Board) tidy(id string) {
	users := b.shards[b.shard(id)].users
	if u := users[id]; u != nil && len(u.shown) == 0 && u.followers.Len() == 0 {
		delete(users, id)
	}
}

// session returns one that has entered, or nil.
func (b *Board) session(id string) *session {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mu.sessions[id]
}
