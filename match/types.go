package match

import (
	"math"
	"net/netip"
	"strings"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// ID names a match: "<uuid>.<node>". The node is where the match was born; the uuid alone tells matches apart.
type ID string

// UUID is the part before the dot.
func (id ID) UUID() string {
	uuid, _, _ := strings.Cut(string(id), ".")
	return uuid
}

// Node is the part after the dot.
func (id ID) Node() string {
	_, node, _ := strings.Cut(string(id), ".")
	return node
}

// Params is what the creator of a match hands to Init.
type Params struct {
	Value any // as given to Create, not copied
}

// Settings is what Init decides about its match.
type Settings struct {
	// Every is the time between the beginnings of two Loops, from 1/240 s upwards; see PerSecond. Required.
	Every time.Duration
	// Label is what the match advertises: any text, or a JSON object whose members can be queried. At most 2048
	// bytes.
	Label string
	// Capacity is how many seats the match has; further players are refused. Members have one, and so have those
	// who reserved. 0 means no limit.
	Capacity int
	// Inbox bounds the messages that wait for the next Loop. When it is full, the newest message of the sender
	// who has most of them waiting is dropped; among equals, of the one who sent last. 0 means 128.
	Inbox int
	// SenderRate is how many messages a second each member may send; those above it are dropped. 0 means no limit.
	SenderRate float64
	// SenderBurst is how many messages a member who was silent may send at once. 0 means as many as SenderRate allows
	// in a second, at least 1.
	SenderBurst int
	// TellDrops lets players know of messages of theirs that were dropped, at most once a second: see DropOutbox.
	TellDrops bool
	// Overrun says what happens when callbacks take longer than the tick interval.
	Overrun Overrun
	// MaxBehind is for CatchUp: the match ends when its own callbacks have put it more than so many ticks behind.
	// 0 means as many as there are in a second, at least 3.
	MaxBehind int
	// SlowAfter is how long a callback may take before Hooks.Slow tells of it. 0 means half the tick interval.
	SlowAfter time.Duration
	// Spectators is how many sessions may watch the match at once; they take no seats. 0 means no limit, negative
	// means that nobody may watch.
	Spectators int
	// EmptyAfter ends the match when none of its seats has been taken for so long. 0 means never.
	EmptyAfter time.Duration
}

// pace is how far apart the messages of one sender must be on average, and by how much they may be ahead of that.
// The pace is 0 if there is no limit.
func (s *Settings) pace() (pace, ahead time.Duration) {
	if s.SenderRate == 0 {
		return 0, 0
	}
	pace = PerSecond(s.SenderRate)
	burst := s.SenderBurst
	if burst == 0 {
		burst = max(1, int(s.SenderRate))
	}
	return pace, time.Duration(min(float64(burst-1)*float64(pace), math.MaxInt64/2))
}

// slow is how long a callback may take unreported.
func (s *Settings) slow() time.Duration {
	if s.SlowAfter > 0 {
		return s.SlowAfter
	}
	return s.Every / 2
}

// PerSecond is the interval of a rate: PerSecond(30) is 30 ticks a second. A rate that has no interval (0, negative,
// not a number) gives 0, which Create refuses.
func PerSecond(rate float64) time.Duration {
	every := float64(time.Second) / rate
	if every > 0 && every < math.MaxInt64 {
		return time.Duration(every)
	}
	return 0
}

// Overrun says what happens to ticks that could not begin on time.
type Overrun uint8

// Overrun policies.
const (
	// CatchUp runs late ticks at once, one after the other, until the match is on time again. A match that falls
	// too far behind by its own doing ends with ErrBehind.
	CatchUp Overrun = iota
	// Skip leaves late ticks out and tells how many in Tick.Missed.
	Skip
	// SlowDown moves the schedule: after a tick that is a whole interval late or more, the next one comes one
	// interval later.
	SlowDown
)

// Joiner is a player who asks to join.
type Joiner struct {
	presence.Presence
	Meta    map[string]string // what the client sent along; may be nil
	Vars    map[string]string // the variables of its session; may be nil
	Expires time.Time         // when its session token expires; zero if it has none
	Addr    netip.Addr        // where it connects from; the zero Addr if unknown
}

// Reason says why a member left.
type Reason uint8

// Reasons for a Departure.
const (
	Left         Reason = iota // the player asked to leave
	Disconnected               // the session ended
	Kicked                     // the handler or the host removed the player
	Displaced                  // the user took the seat over with another session; only in Hooks.Left
	HoldExpired                // the player was disconnected and did not return in the time that Hold gave
)

func (r Reason) String() string {
	switch r {
	case Left:
		return "left"
	case Disconnected:
		return "disconnected"
	case Kicked:
		return "kicked"
	case Displaced:
		return "displaced"
	case HoldExpired:
		return "hold expired"
	}
	return "unknown"
}

// Drop says why a message of a member never reached a Loop.
type Drop uint8

// Reasons for a drop.
const (
	DropFull Drop = iota // the inbox was full, and the sender had most of it
	DropRate             // the sender was faster than Settings.SenderRate
	DropLeft             // the sender left, or the match ended, before the next Loop
	drops
)

func (d Drop) String() string {
	switch d {
	case DropFull:
		return "inbox full"
	case DropRate:
		return "sender too fast"
	case DropLeft:
		return "sender left"
	case drops:
	}
	return "unknown"
}

// Departure is a member who left.
type Departure struct {
	presence.Presence
	Reason  Reason
	Dropped int // messages of this player that never reached a Loop
}

// Message is what a member sent.
type Message struct {
	From       presence.Presence
	Op         int64
	Data       []byte // belongs to the handler
	Unreliable bool   // the client asked for unreliable delivery
	At         time.Time
	Dropped    int // how many messages of the same sender were dropped just before this one
}

// Outgoing is what a handler sends to members.
type Outgoing struct {
	Op   int64
	Data []byte // not kept after the call

	// To names the recipients; who is not a member is left out. nil means all members, an empty slice nobody.
	To []presence.Presence
	// Except names members who do not get it.
	Except []presence.Presence
	// From is the sender that clients see. The zero Presence is the match itself.
	From presence.Presence
	// Unreliable allows the message to be dropped on a connection that cannot keep up.
	Unreliable bool
	// Replace, if not 0, is a key: while the message still waits for a slow connection, a later one with the
	// same key takes its place.
	Replace uint64
}

// Info is a match as it is listed.
type Info struct {
	ID       ID
	Handler  string
	Label    string
	Size     int // members
	Taken    int // seats that are not free: of members, held, and reserved
	Capacity int // how many seats there are; 0 means no limit
	Every    time.Duration
	Created  time.Time
}

// JoinRequest asks for a seat.
type JoinRequest struct {
	ID  ID
	Who Joiner
	// Accepted, if not nil, is called in the match's turn once the seat is taken, before Join and before any
	// event or data of the match can reach the player: it is the place to queue a reply. It must not block.
	Accepted func(Joined)
	// Sink, if not nil, receives what the match sends to this player, and the Outbox does not know of it: for players
	// without a socket.
	Sink *Sink
}

// Joined is what a player learns on joining.
type Joined struct {
	ID    ID
	Label string
	Self  presence.Presence
	// Members are the members in the order they joined, without Self if it has become one just now. Valid during the
	// call of Accepted.
	Members []presence.Presence
	// Again says that the session was a member, or a spectator, already; nothing has changed. A Sink that came with
	// the request has ended.
	Again bool
}
