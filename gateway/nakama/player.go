package nakama

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/gateway/nakama/internal/wire"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

// player is one session as the gateway sees it. Pings and match data are handled as they come in; all else goes
// through the queue of requests, which one goroutine works off in order while there are any.
type player struct {
	h      *Handler
	s      *transport.Session
	who    presence.Presence
	hello  Hello
	format wire.Format
	ctx    context.Context
	cancel context.CancelFunc
	conn   transport.Receiver
	ended  func(error)

	// lastMatch is the match that the last data was for: nearly always the same again, and then its id costs no
	// allocation. It belongs to receive.
	lastWritten, lastMatch string

	waiting atomic.Int32 // how many requests there are, for receive to see at a glance

	outcome atomic.Pointer[outcome] // of the request that runs, for a host that wants to know

	mu      sync.Mutex
	queue   []request
	room    chan struct{} // closed when there is room in the queue again; nil while there is
	working bool
	gone    bool
	matches map[string]struct{} // those that this session is in, or was
}

// request is something that must wait for the requests before it.
type request struct {
	touches string // the match it is about; "" none, anyMatch one that is not known yet
	run     func()
}

// anyMatch stands for a match whose id is in a token or still to be made.
const anyMatch = "*"

func newPlayer(ctx context.Context, h *Handler, s *transport.Session, hello Hello) *player {
	p := &player{h: h, s: s, who: s.Presence(), hello: hello, format: formatOf(s.Kind())}
	p.ctx, p.cancel = context.WithCancel(ctx)
	return p
}

// inbounds are the results of decoding. A session that is silent holds none.
var inbounds = sync.Pool{New: func() any { return new(wire.Inbound) }}

// play begins the session. It goes on until the connection ends; ended is called after that.
func (p *player) play(conn transport.Conn, ended func(error)) {
	p.enter()
	if err := p.h.connected(p.ctx, p.caller()); err != nil {
		p.s.Close(transport.CloseNormal, err.Error())
		p.leaveAll()
		ended(err)
		return
	}
	if p.h.c.SingleSocket {
		p.h.replaceOlder(p.s)
	}
	if p.hello.Online && p.h.c.Statuses != nil {
		_ = p.h.c.Statuses.Set(p.who.Session, new(string), nil) // it has just entered
	}
	p.ended = ended
	if p.h.c.Hooks.Data { // the host's hooks may block
		p.conn = transport.NewReader(conn)
	} else {
		p.conn = transport.NewReceiver(conn)
	}
	p.conn.Receive(p.receive)
}

// end is for a connection that has ended.
func (p *player) end(err error) {
	p.s.Close(transport.CloseNormal, "") // the connection has the last word on its own end
	p.leaveAll()
	p.h.disconnected(context.WithoutCancel(p.ctx), p.caller(), err)
	p.ended(err)
}

// receive takes one message, or the end. It does not block, unless a hook for data does, and is false when no more fits
// into the queue.
func (p *player) receive(kind transport.Kind, b []byte, err error) bool {
	if err != nil {
		go p.end(err)
		return false
	}
	if kind != p.s.Kind() {
		p.s.Close(transport.CloseNormal, "received unexpected WebSocket message type")
		return true
	}
	in := inbounds.Get().(*wire.Inbound)
	p.handle(b, in)
	inbounds.Put(in)
	return int(p.waiting.Load()) < p.h.c.Pending || p.hasRoom()
}

// hasRoom tells whether another request fits into the queue; if not, it sees to it that receiving is resumed.
func (p *player) hasRoom() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) < p.h.c.Pending {
		return true
	}
	room := make(chan struct{})
	p.room = room
	go func() {
		select {
		case <-room:
		case <-p.s.Done():
		}
		p.conn.Resume()
	}()
	return false
}

// handle deals with one message, which is valid during the call.
func (p *player) handle(b []byte, in *wire.Inbound) {
	if err := wire.Decode(p.format, b, in); err != nil {
		p.s.Close(transport.CloseNormal, "received malformed payload")
		return
	}
	switch in.Kind {
	case wire.MatchDataSend:
		if p.h.c.Hooks.Data {
			p.hookedData(in)
		} else {
			p.data(in)
		}
	case wire.Ping:
		p.pong(in.CID)
	case wire.Missing:
		p.sendError(string(in.CID), codeMissing, "Missing message.")
		p.s.Close(transport.CloseNormal, "error processing message")
	case wire.Other:
		p.request(in.Envelope)
	}
}

func (p *player) pong(cid []byte) {
	f := transport.NewFrame(p.s.Kind(), func(dst []byte) []byte { return wire.AppendPong(p.format, dst, cid) })
	p.s.Queue(f, transport.Outgoing{})
	f.Release()
	p.s.Flush()
}

// data passes match data on. It waits behind requests about the same match, so that what follows a join finds the
// player in the match.
func (p *player) data(in *wire.Inbound) {
	id := p.matchID(in.MatchID)
	if p.waiting.Load() == 0 || !p.touched(id) {
		p.sendData(id, in.Op, in.Data, in.Sessions, !in.Reliable)
		return
	}
	op, data, to, unreliable := in.Op, bytes.Clone(in.Data), append([]string(nil), in.Sessions...), !in.Reliable
	p.enqueue(request{id, func() { p.sendData(id, op, data, to, unreliable) }})
}

// matchID is the id that a client wrote, normalised.
func (p *player) matchID(b []byte) string {
	if string(b) != p.lastWritten {
		p.lastWritten = string(b)
		p.lastMatch = normal(p.lastWritten)
	}
	return p.lastMatch
}

// sendData gives data to a match. It is never answered, but for an id that cannot be one: the reference does that
// too, without a cid.
func (p *player) sendData(id string, op int64, data []byte, to []string, unreliable bool) {
	switch kindOf(id) {
	case relayedMatch:
		if p.h.c.Relays == nil {
			return
		}
		// Who is not a member is not heard, and not told.
		_ = p.h.c.Relays.Send(relay.ID(id), relay.Message{From: p.who, Op: op, Data: data, Unreliable: unreliable}, to)
	case authoritativeMatch:
		if p.h.c.Matches == nil {
			return
		}
		m := match.Message{Op: op, Data: bytes.Clone(data), Unreliable: unreliable}
		_ = p.h.c.Matches.Send(match.ID(id), p.who.Session, m) // drops are counted by the match
	case noMatch:
		p.sendError("", codeBadInput, "Invalid match ID")
	}
}

// request queues everything that is neither data nor a ping.
func (p *player) request(e *rtapi.Envelope) {
	p.enqueue(request{touches(e), func() { p.answer(e) }})
}

// enqueue puts a request behind the others.
func (p *player) enqueue(r request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting.Add(1)
	p.queue = append(p.queue, r)
	if !p.working {
		p.working = true
		go p.work()
	}
}

// work runs requests until none is left.
func (p *player) work() {
	for {
		r, ok := p.next()
		if !ok {
			return
		}
		r.run()
		p.done()
	}
}

// next is the first request; it stays in the queue while it runs, so that data for its match waits.
func (p *player) next() (request, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		p.queue = nil
		p.working = false
		return request{}, false
	}
	return p.queue[0], true
}

func (p *player) done() {
	p.mu.Lock()
	p.queue[0] = request{}
	p.queue = p.queue[1:]
	if p.room != nil && len(p.queue) < p.h.c.Pending {
		close(p.room)
		p.room = nil
	}
	gone := p.gone
	p.mu.Unlock()
	p.waiting.Add(-1)
	if gone { // what the request has joined since must be left as well
		p.leaveAll()
	}
}

// touched reports whether a waiting request is about a match.
func (p *player) touched(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.queue {
		if r.touches == anyMatch || strings.EqualFold(r.touches, id) {
			return true
		}
	}
	return false
}

// enter is for a session that begins.
func (p *player) enter() {
	if p.h.c.Streams != nil {
		p.h.c.Streams.Enter(p.who)
	}
	if p.h.c.Statuses != nil {
		p.h.c.Statuses.Enter(p.who)
	}
}

// leaveAll is for a session that has ended.
func (p *player) leaveAll() {
	p.cancel()
	p.mu.Lock()
	p.gone = true
	matches := p.matches
	p.matches = nil
	p.mu.Unlock()
	if p.h.c.Matchmaker != nil {
		p.h.c.Matchmaker.RemoveSession(p.who.Session)
	}
	if p.h.c.Relays != nil {
		p.h.c.Relays.LeaveAll(p.who.Session)
	}
	for id := range matches {
		p.leaveMatch(id, match.Disconnected)
	}
	if p.h.c.Parties != nil {
		p.h.c.Parties.LeaveAll(p.who.Session)
	}
	if p.h.c.Streams != nil {
		p.h.c.Streams.LeaveAll(p.who.Session)
	}
	if p.h.c.Statuses != nil {
		p.h.c.Statuses.LeaveAll(p.who.Session)
	}
}

// in notes that the session is in a match.
func (p *player) in(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.matches == nil {
		p.matches = make(map[string]struct{})
	}
	p.matches[id] = struct{}{}
}

// out notes that it is no more.
func (p *player) out(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.matches, id)
}
