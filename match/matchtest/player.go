package matchtest

import (
	"slices"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// Player is a virtual player, who reaches the match over a [Link]. What it does arrives later, as the clock moves, and so
// does what the match sends it. [Harness.Connect] makes one.
type Player struct {
	// OnData, if not nil, is called when a message of the match arrives: a bot can answer it.
	OnData func(match.Outgoing)

	h    inputs
	who  presence.Presence
	link Link
	up   line
	down line

	cut      bool // the process that it was connected to is gone
	answered bool
	answer   error
	got      []Arrival
	events   []Event
}

// Arrival is a message that has reached a player.
type Arrival struct {
	At time.Duration // since the match was created
	match.Outgoing
}

// inputs is what players need of a harness.
type inputs interface {
	since() time.Duration
	join(match.Joiner) error
	depart(session string, why match.Reason) error
	message(session string, m match.Message) error
}

// Connect returns a player of a new session, who has not asked to join yet. User and username are the name.
func (h *Harness[S]) Connect(name string, l Link) *Player {
	p := &Player{h: h, who: h.player(name), link: l, up: line{n: h.net}, down: line{n: h.net}}
	h.out.players[p.who.Session] = p
	return p
}

// After has something done when the clock has moved by d: a player leaves, a link gets worse.
func (h *Harness[S]) After(d time.Duration, do func()) { h.net.deliver(h.clock.Now().Add(d), do) }

// Presence is the player as the match knows it.
func (p *Player) Presence() presence.Presence { return p.who }

// SetLink changes the connection, for what is sent from now on.
func (p *Player) SetLink(l Link) { p.link = l }

// Join asks for a seat. [Player.Joined] has the answer when it has come back.
func (p *Player) Join() { p.JoinWith(nil) }

// JoinWith is Join with metadata.
func (p *Player) JoinWith(meta map[string]string) {
	p.ask(false, func() {
		err := p.h.join(match.Joiner{Presence: p.who, Meta: meta})
		p.down.send(p.link, false, func() { p.answered, p.answer = true, err })
	})
}

// Joined reports whether the answer to Join has arrived, and what it was: nil if the player is in.
func (p *Player) Joined() (answered bool, err error) { return p.answered, p.answer }

// Send sends a message, in the order of calls.
func (p *Player) Send(op int64, data []byte) { p.send(op, data, false) }

// SendUnreliable sends a message that may be lost, come twice or overtake others.
func (p *Player) SendUnreliable(op int64, data []byte) { p.send(op, data, true) }

func (p *Player) send(op int64, data []byte, unreliable bool) {
	data = slices.Clone(data)
	p.ask(unreliable, func() {
		// Who is no member, or sends too much, learns nothing of it, as a client does.
		_ = p.h.message(p.who.Session, match.Message{Op: op, Data: slices.Clone(data), Unreliable: unreliable})
	})
}

// Leave asks to leave.
func (p *Player) Leave() { p.depart(match.Left) }

// Disconnect ends the session: the match learns of it when all that was sent has arrived.
func (p *Player) Disconnect() { p.depart(match.Disconnected) }

func (p *Player) depart(why match.Reason) {
	p.ask(false, func() { _ = p.h.depart(p.who.Session, why) }) // one who is no member leaves nothing
}

// ask has something done when it has reached the match.
func (p *Player) ask(unreliable bool, do func()) {
	p.up.send(p.link, unreliable, func() {
		if !p.cut {
			do()
		}
	})
}

// Received returns the messages that have arrived since it was last asked.
func (p *Player) Received() []Arrival {
	got := p.got
	p.got = nil
	return got
}

// Events returns the presence events that have arrived since it was last asked.
func (p *Player) Events() []Event {
	events := p.events
	p.events = nil
	return events
}

// data is called when the match sends something to the player.
func (p *Player) data(m match.Outgoing) {
	p.down.send(p.link, m.Unreliable, func() {
		copied := m
		copied.Data = slices.Clone(m.Data)
		p.got = append(p.got, Arrival{p.h.since(), copied})
		if p.OnData != nil {
			p.OnData(copied)
		}
	})
}

func (p *Player) event(e Event) {
	p.down.send(p.link, false, func() { p.events = append(p.events, e) })
}
