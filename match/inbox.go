package match

import (
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

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
	out     Traffic   // sent to this member, without what went to all
	before  Traffic   // what had gone to all when it came
	sink    *Sink     // nil for one with a socket
	touched bool      // got something since the last Flush; belongs to the turn
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
	if !b.filled.Load() {
		b.filled.Store(true)
	}
	wake, b.dozing = b.dozing, false
	return victim, wake, nil
}

// drop counts a message of m that was dropped.
func (b *mailbox) drop(m *member, why Drop) {
	b.lostBy[why]++
	m.dropped++
	m.lost++
	m.untold++
	b.untold.Store(true)
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
	b.untold.Store(false)
	for _, m := range b.members {
		switch {
		case m.untold == 0:
		case now.Sub(m.told) < time.Second:
			b.untold.Store(true)
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
func (b *mailbox) collect(spare *[]Message) (in []Message, overflow int) {
	if !b.filled.Load() {
		return nil, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.filled.Store(false)
	overflow, b.overflow = b.overflow, 0
	if len(b.inbox) == 0 {
		return nil, overflow
	}
	in = b.inbox
	b.inbox = (*spare)[:0]
	b.batch++
	return in, overflow
}

// credit counts a message to some members.
func (b *mailbox) credit(to []presence.Presence, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range to {
		b.members[p.Session].out.add(Traffic{1, uint64(bytes)})
	}
}
