package nakama

import (
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"

	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/gateway/nakama/internal/wire"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

// OutboxConfig configures an [Outbox].
type OutboxConfig struct {
	// Sessions are those that messages go to; the same as in Config. Required.
	Sessions *transport.Sessions
	// Tokens makes the tokens for relayed matches of the matchmaker. nil means that the matchmaker's Matched
	// always returns a match id.
	Tokens MatchTokens
	// DropRelayed lets data of relayed matches that its sender called unreliable be dropped on a connection that
	// cannot keep up. Clients say so without meaning it: the JavaScript client does unless told otherwise.
	// false: all of it must arrive, and a reader that is too slow is disconnected.
	DropRelayed bool
	// Logger gets what goes wrong. nil drops it.
	Logger *slog.Logger
}

// Outbox sends what the domains have to say to the sessions of this node: it is the Outbox and DropOutbox of match,
// matchmaker and notification, and has those of relay, party, status and stream. A message is encoded once for each
// format, however many receive it. It is safe for concurrent use.
type Outbox struct {
	sessions    *transport.Sessions
	tokens      MatchTokens
	log         *slog.Logger
	dropRelayed bool
	seed        maphash.Seed
}

// NewOutbox makes an outbox. The error says what is missing in the config.
func NewOutbox(c OutboxConfig) (*Outbox, error) {
	if c.Sessions == nil {
		return nil, errors.New("nakama: OutboxConfig.Sessions is required")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Outbox{sessions: c.Sessions, tokens: c.Tokens, log: c.Logger, dropRelayed: c.DropRelayed, seed: maphash.MakeSeed()}, nil
}

// MatchData implements match.Outbox.
func (o *Outbox) MatchData(id match.ID, to []presence.Presence, m match.Outgoing) {
	how := transport.Outgoing{Unreliable: m.Unreliable, Replace: o.key(string(id), m.Replace)}
	o.send(to, how, func(f wire.Format, dst []byte) []byte {
		return wire.AppendMatchData(f, dst, string(id), m.From, m.Op, m.Data, !m.Unreliable)
	})
}

// MatchPresence implements match.Outbox.
func (o *Outbox) MatchPresence(id match.ID, to, joined, left []presence.Presence) {
	o.presences(string(id), to, joined, left)
}

// MatchEnded implements match.Outbox. Clients know no message for the end of a match; each is told that it has left.
func (o *Outbox) MatchEnded(id match.ID, to []presence.Presence, _ error) {
	for i := range to {
		self := to[i : i+1]
		o.presences(string(id), self, nil, self)
	}
}

// codeDropped is the code of the notification for a player whose messages a match did not take.
const codeDropped = -100

// MatchDropped implements match.DropOutbox. Clients know no message for it either; a notification that is not kept reaches
// their games: its subject is "match_data_dropped", its content says which match and how many.
func (o *Outbox) MatchDropped(id match.ID, to presence.Presence, dropped int) {
	content := fmt.Sprintf(`{"match_id":%q,"dropped":%d}`, string(id), dropped)
	o.tell([]presence.Presence{to}, transport.Outgoing{}, notice(codeDropped, "match_data_dropped", content))
}

// Flush implements match.Outbox.
func (o *Outbox) Flush(_ match.ID, to []presence.Presence) { o.flush(to) }

// Relay is the outbox of a relay.Hub over the same sessions.
func (o *Outbox) Relay() relay.Outbox { return relayOutbox{o} }

// relayOutbox exists because the Flush of a match and that of a relay differ in the type of the id.
type relayOutbox struct{ o *Outbox }

func (r relayOutbox) RelayData(id relay.ID, to []presence.Presence, m relay.Message) {
	r.o.send(to, transport.Outgoing{Unreliable: m.Unreliable && r.o.dropRelayed}, func(f wire.Format, dst []byte) []byte {
		return wire.AppendMatchData(f, dst, string(id), m.From, m.Op, m.Data, !m.Unreliable)
	})
}

func (r relayOutbox) RelayPresence(id relay.ID, to, joined, left []presence.Presence) {
	r.o.presences(string(id), to, joined, left)
}

func (r relayOutbox) Flush(_ relay.ID, to []presence.Presence) { r.o.flush(to) }

// Matched implements matchmaker.Outbox.
func (o *Outbox) Matched(r matchmaker.Result) {
	var token string
	if r.MatchID == "" {
		var err error
		if token, err = o.matchToken(r.Entries); err != nil {
			o.log.Error("matchmaker result without a token", "error", err)
			return
		}
	}
	users := make([]*rtapi.MatchmakerMatched_MatchmakerUser, len(r.Entries))
	for i, e := range r.Entries {
		users[i] = &rtapi.MatchmakerMatched_MatchmakerUser{
			Presence: userPresence(e.Presence), PartyId: e.Ticket.PartyID,
			StringProperties: e.Ticket.StringProps(), NumericProperties: e.Ticket.NumericProps(),
		}
	}
	for i, e := range r.Entries {
		s, ok := o.sessions.Get(e.Presence.Session)
		if !ok {
			continue
		}
		matched := &rtapi.MatchmakerMatched{Ticket: e.Ticket.ID, Users: users, Self: users[i]}
		if token != "" {
			matched.Id = &rtapi.MatchmakerMatched_Token{Token: token}
		} else {
			matched.Id = &rtapi.MatchmakerMatched_MatchId{MatchId: r.MatchID}
		}
		push(s, &rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerMatched{MatchmakerMatched: matched}})
	}
}

// codeExpired is the code of the notification that a ticket has waited for too long.
const codeExpired = -101

// Expired implements matchmaker.Outbox. Clients know no message for it; they get a notification that is kept nowhere: its
// subject is "matchmaker_ticket_expired", its content says which ticket.
func (o *Outbox) Expired(t *matchmaker.Ticket) {
	e := notice(codeExpired, "matchmaker_ticket_expired", fmt.Sprintf(`{"ticket":%q}`, t.ID))
	for i := range t.Presences {
		if s, ok := o.sessions.Get(t.Presences[i].Session); ok {
			push(s, e)
		}
	}
}

// maxNamed is how many users a token names. Clients send it back in a frame, which has room for 4096 bytes.
const maxNamed = 64

// matchToken admits the matched users to a new relayed match; if they are too many to be named, whoever has it.
func (o *Outbox) matchToken(entries []matchmaker.Entry) (string, error) {
	if o.tokens == nil {
		return "", errors.New("nakama: OutboxConfig.Tokens is not set")
	}
	var users []string
	if len(entries) <= maxNamed {
		for _, e := range entries {
			users = append(users, e.Presence.User)
		}
	}
	return o.tokens.MatchToken(string(relay.NewID()), users)
}

// presences sends a presence event.
func (o *Outbox) presences(id string, to, joined, left []presence.Presence) {
	o.send(to, transport.Outgoing{}, func(f wire.Format, dst []byte) []byte {
		return wire.AppendMatchPresence(f, dst, id, joined, left)
	})
}

// send queues one message on the sessions of the recipients, encoded at most once for each format.
func (o *Outbox) send(to []presence.Presence, how transport.Outgoing, encode func(wire.Format, []byte) []byte) {
	var json, protobuf *transport.Frame
	for i := range to {
		s, ok := o.sessions.Get(to[i].Session)
		if !ok {
			continue
		}
		frame := &json
		if s.Kind() == transport.Binary {
			frame = &protobuf
		}
		if *frame == nil {
			f := formatOf(s.Kind())
			*frame = transport.NewFrame(s.Kind(), func(dst []byte) []byte { return encode(f, dst) })
		}
		s.Queue(*frame, how)
	}
	if json != nil {
		json.Release()
	}
	if protobuf != nil {
		protobuf.Release()
	}
}

func (o *Outbox) flush(to []presence.Presence) {
	for i := range to {
		if s, ok := o.sessions.Get(to[i].Session); ok {
			s.Flush()
		}
	}
}

// key makes the replace key of a match one for its whole session, which may be in several matches.
func (o *Outbox) key(id string, key uint64) uint64 {
	if key == 0 {
		return 0
	}
	return (maphash.String(o.seed, id) ^ key*0x9E3779B97F4A7C15) | 1
}

// formatOf is the format of a session's messages.
func formatOf(k transport.Kind) wire.Format {
	if k == transport.Binary {
		return wire.Protobuf
	}
	return wire.JSON
}

// push sends an envelope to one session.
func push(s *transport.Session, e *rtapi.Envelope) {
	queue(s, e)
	s.Flush()
}

// queue puts an envelope on a session's queue without writing it.
func queue(s *transport.Session, e *rtapi.Envelope) {
	f := transport.NewFrame(s.Kind(), func(dst []byte) []byte { return appendEnvelope(formatOf(s.Kind()), dst, e) })
	s.Queue(f, transport.Outgoing{})
	f.Release()
}

func appendEnvelope(f wire.Format, dst []byte, e *rtapi.Envelope) []byte {
	out, err := wire.AppendEnvelope(f, dst, e)
	if err != nil { // only for text that is no UTF-8, which no domain lets in
		return wire.AppendError(f, dst, e.GetCid(), codeRuntime, "Error encoding message")
	}
	return out
}

// tell queues one envelope on the sessions of the recipients.
func (o *Outbox) tell(to []presence.Presence, how transport.Outgoing, e *rtapi.Envelope) {
	o.send(to, how, func(f wire.Format, dst []byte) []byte { return appendEnvelope(f, dst, e) })
}

func userPresence(p presence.Presence) *rtapi.UserPresence {
	return &rtapi.UserPresence{UserId: p.User, SessionId: p.Session, Username: p.Username}
}

func userPresences(ps []presence.Presence) []*rtapi.UserPresence {
	out := make([]*rtapi.UserPresence, len(ps))
	for i, p := range ps {
		out[i] = userPresence(p)
	}
	return out
}
