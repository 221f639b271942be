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
	mu         sync.Mutex
	calls      []call
	handling   []call // the calls of the turn that runs
	joins      int    // how many of calls are joins or watches
	signals    int    // and how many are signals or reservations
	inbox      []Message
	bound      int                // of inbox
	in         Traffic            // put into the inbox, since the match began
	lostBy     [drops]uint64      // messages dropped since then
	turnedAway uint64             // joins refused because too many waited
	pace       time.Duration      // between two messages of a sender; 0 is no limit
	ahead      time.Duration      // by how much a sender may be early
	untold     bool               // there are drops that their senders have not been told of
	overflow   int                // messages dropped since the last Loop because the inbox was full
	batch      int                // counts Loops, so that members' counts need no reset
	members    map[string]*member // by session; changed only in the match's turn
	watching   map[string]bool    // sessions of spectators; changed only in the match's turn
	dozing     bool               // the match wants to be woken by a message
	ended      bool
}

// member is a player with a seat.
type member struct {
	presence.Presence
	leaving bool      // a leave waits in the mailbox; what comes after it is ignored
	batch   int       // the batch that waiting counts in
	waiting int       // messages in the inbox
	dropped int       // messages dropped since the last one that was put in
	lost    int       // messages dropped in all
	untold  int       // of these, those that the player has not been told of
	told    time.Time // when it was told last
	paced   time.Time // when its next message would be on time, at the pace of the match
	in      Traffic   // put into the inbox
	out     traffic   // sent to this member, without what went to all
	before  Traffic   // what had gone to all when it came
	sink    *Sink     // nil for one with a socket
	touched bool      // got something since the last Flush; belongs to the turn
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
	return nil
}

// expects reports whether a session will be a member, or watch, when all calls so far have been handled: it does or has
// a join waiting, and no leave after that.
func (b *mailbox) expects(session string) bool {
	in := b.members[session] != nil || b.watching[session]
	for _, calls := range [...][]call{b.handling, b.calls} {
		for i := range calls {
			switch c := &calls[i]; {
			case c.join != nil && c.join.Joiner.Session == session:
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

// put adds a message to the inbox. victim is a member who lost a message for it, if any; it may be the sender,
// and then err is ErrDropped. wake asks the caller to wake the match.
func (b *mailbox) put(session string, msg Message) (victim *member, wake bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return nil, false, ErrNotFound
	}
	from := b.members[session]
	if from == nil || from.leaving {
		return nil, false, ErrNotMember
	}
	if b.pace > 0 && !from.keeps(b.pace, b.ahead, msg.At) {
		b.drop(from, DropRate)
		return from, false, ErrSenderRate
	}
	if from.batch != b.batch {
		from.batch, from.waiting = b.batch, 0
	}
	if len(b.inbox) == b.bound {
		b.overflow++
		if victim = b.makeRoom(from); victim == from {
			b.drop(from, DropFull)
			return from, false, ErrDropped
		}
	}
	msg.From, msg.Dropped = from.Presence, from.dropped
	from.dropped = 0
	from.waiting++
	from.in.Messages++
	from.in.Bytes += uint64(len(msg.Data))
	b.in.Messages++
	b.in.Bytes += uint64(len(msg.Data))
	b.inbox = append(b.inbox, msg)
	wake, b.dozing = b.dozing, false
	return victim, wake, nil
}

// doze lets the next message wake the match, unless there is one already.
func (b *mailbox) doze() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dozing = len(b.inbox) == 0
	return b.dozing
}

// drop counts a message of m that was dropped.
func (b *mailbox) drop(m *member, why Drop) {
	b.lostBy[why]++
	m.dropped++
	m.lost++
	m.untold++
	b.untold = true
}

// keeps reports whether a message that comes at a time keeps to the pace, and counts it if so.
func (m *member) keeps(pace, ahead time.Duration, at time.Time) bool {
	if m.paced.Before(at) {
		m.paced = at
	}
	if m.paced.Sub(at) > ahead {
		return false
	}
	m.paced = m.paced.Add(pace)
	return true
}

// telling is what a member is to be told about its messages.
type telling struct {
	to      *member
	dropped int
}

// tellings is how many of its messages each member has lost that has not been told so, nor anything in the last second.
func (b *mailbox) tellings(now time.Time) (tell []telling) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.untold {
		return nil
	}
	b.untold = false
	for _, m := range b.members {
		switch {
		case m.untold == 0:
		case now.Sub(m.told) < time.Second:
			b.untold = true
		default:
			tell = append(tell, telling{m, m.untold})
			m.untold, m.told = 0, now
		}
	}
	return tell
}

// makeRoom drops the newest message of whoever has most of them waiting, and returns that member; from itself, with
// nothing dropped, when nobody has clearly more.
func (b *mailbox) makeRoom(from *member) *member {
	// Nobody is pushed out for a difference of one: the newcomer's message would only turn it around.
	fair := from.waiting + 1
	most := fair
	for _, m := range b.members {
		if m.batch == b.batch {
			most = max(most, m.waiting)
		}
	}
	if most == fair {
		return from
	}
	for i, msg := range slices.Backward(b.inbox) {
		if m := b.members[msg.From.Session]; m.waiting == most {
			m.dropped += msg.Dropped
			m.waiting--
			b.drop(m, DropFull)
			b.inbox = slices.Delete(b.inbox, i, i+1)
			return m
		}
	}
	return from // not reached: what waits is counted
}

// collect hands over the inbox and how many messages it had no room for; spare is used for what comes next.
func (b *mailbox) collect(spare []Message) (in []Message, overflow int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	overflow, b.overflow = b.overflow, 0
	if len(b.inbox) == 0 {
		return nil, overflow
	}
	in = b.inbox
	b.inbox = spare[:0]
	b.batch++
	return in, overflow
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
