package match

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// maxWaiting bounds the joins that wait for one match, and so the signals and reservations together.
const maxWaiting = 128

// mailbox is where callers leave things for a match: calls, handled in order at its next turn, and messages, which
// wait for the next Loop. Posting never waits for the match.
type mailbox struct {
	// Every turn reads these.
	filled atomic.Bool // messages have come since the last Loop
	posted atomic.Bool // there are calls
	untold atomic.Bool // there are drops that their senders have not been told of
	mu     sync.Mutex  // guards all but the atomic ones

	overflow   int // messages dropped since the last Loop because the inbox was full
	inbox      []Message
	calls      []call
	handling   []call             // the calls of the turn that runs
	joins      int                // how many of calls are joins or watches
	signals    int                // and how many are signals or reservations
	bound      int                // of inbox
	in         Traffic            // put into the inbox, since the match began
	lostBy     [drops]uint64      // messages dropped since then
	turnedAway uint64             // joins refused because too many waited
	pace       time.Duration      // between two messages of a sender; 0 is no limit
	ahead      time.Duration      // by how much a sender may be early
	batch      int                // counts Loops, so that members' counts need no reset
	members    map[string]*member // by session; changed only in the match's turn
	watching   map[string]bool    // sessions of spectators; changed only in the match's turn
	dozing     bool               // the match wants to be woken by a message
	ended      bool
}

type callKind uint8

const (
	callJoin callKind = iota
	callWatch
	callLeave
	callSignal
	callReserve
	callEnd
	callSuspend // an end in this process only, of a match that is kept
)

// call is one thing for a match to do besides ticking.
type call struct {
	kind    callKind
	reason  Reason              // of a leave
	session string              // of a leave
	span    time.Duration       // the grace of an end, the time of a reservation, the delay of a spectator
	users   []presence.Presence // of a reservation
	join    *JoinRequest
	data    string  // of a signal
	waiter  *waiter // who waits for the answer, if anybody
}

// waiter is a caller who waits for the answer to a call.
type waiter struct {
	claimed atomic.Bool   // by the turn (it will be answered) or by the caller (who has given up)
	done    chan struct{} // closed by the answer; before that, a token in it says that the claim was given back
	reply   string
	err     error
	owing   bool // the caller has given up, and the match may still have what came with the call; belongs to the caller
}

func newWaiter() *waiter { return &waiter{done: make(chan struct{}, 1)} }

// park says that the answer has to wait, so the caller may give up until somebody claims it again.
func (w *waiter) park() {
	w.claimed.Store(false)
	select {
	case w.done <- struct{}{}:
	default: // an old token will do
	}
}

// answer is called once, by the turn that claimed the waiter.
func (w *waiter) answer(reply string, err error) {
	w.reply, w.err = reply, err
	close(w.done)
}

// post adds a call.
func (b *mailbox) post(c call) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended && (c.kind != callLeave || !b.watching[c.session]) {
		return ErrNotFound
	}
	switch c.kind {
	case callJoin, callWatch:
		if b.joins == maxWaiting {
			b.turnedAway++
			return ErrBusy
		}
		b.joins++
	case callSignal, callReserve:
		if b.signals == maxWaiting {
			return ErrBusy
		}
		b.signals++
	case callLeave:
		if c.reason != Kicked && !b.expects(c.session) { // a held seat can be kicked
			return ErrNotMember
		}
		if m := b.members[c.session]; m != nil {
			m.leaving = true
		}
	case callEnd, callSuspend:
	}
	b.calls = append(b.calls, c)
	b.posted.Store(true)
	return nil
}

// expects reports whether a session will be a member, or watch, when all calls so far have been handled: it does or has
// a join waiting, and no leave after that.
func (b *mailbox) expects(session string) bool {
	m := b.members[session]
	if m != nil && !m.leaving {
		return true // most leave once, and nobody waits for a look at all the calls when thousands do at once
	}
	in := m != nil || b.watching[session]
	for _, calls := range [...][]call{b.handling, b.calls} {
		for i := range calls {
			switch c := &calls[i]; {
			case c.join != nil && c.join.Who.Session == session:
				in = true
			case c.kind == callLeave && c.session == session:
				in = false
			}
		}
	}
	return in
}

// take empties the list of calls, for the turn to handle; spare is used for those to come.
func (b *mailbox) take(spare []call) []call {
	b.mu.Lock()
	defer b.mu.Unlock()
	calls := b.calls
	b.handling, b.calls = calls, spare[:0]
	b.joins, b.signals = 0, 0
	b.posted.Store(false)
	return calls
}

// waiting reports whether there are calls, and whether any of them needs the state of the match.
func (b *mailbox) waiting() (calls, state bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state = slices.ContainsFunc(b.calls, func(c call) bool {
		return c.kind != callSuspend && (c.kind != callEnd || c.span > 0)
	})
	return len(b.calls) > 0, state
}

// handled says that the turn is through with the calls it took.
func (b *mailbox) handled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handling = nil
}

// doze lets the next message wake the match, unless there is one already.
func (b *mailbox) doze() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dozing = len(b.inbox) == 0
	return b.dozing
}

// seat makes p a member, who has lost so many messages before; so much has been sent to all so far.
func (b *mailbox) seat(p presence.Presence, sink *Sink, lost int, sent Traffic) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.members == nil {
		b.members = make(map[string]*member)
	}
	b.members[p.Session] = &member{Presence: p, sink: sink, before: sent, batch: -1, lost: lost, leaving: !b.expects(p.Session)}
}

// unseat removes a member and the messages it left behind, so many, which count as dropped.
func (b *mailbox) unseat(session string) (gone *member, left int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.members[session]
	if m == nil {
		return nil, 0
	}
	delete(b.members, session)
	before := len(b.inbox)
	b.inbox = slices.DeleteFunc(b.inbox, func(msg Message) bool { return msg.From.Session == session })
	left = before - len(b.inbox)
	m.lost += left
	b.lostBy[DropLeft] += uint64(left)
	return m, left
}

// setWatching notes that a session watches, or does so no more.
func (b *mailbox) setWatching(session string, does bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !does:
		delete(b.watching, session)
	case b.watching == nil:
		b.watching = map[string]bool{session: true}
	default:
		b.watching[session] = true
	}
}

// close ends the mailbox and returns the calls nobody will handle.
func (b *mailbox) close() []call {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	calls := b.calls
	b.lostBy[DropLeft] += uint64(len(b.inbox))
	b.calls, b.inbox = nil, nil
	return calls
}
