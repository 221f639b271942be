package nakama

import (
	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/status"
	"github.com/shoal-go/shoal/stream"
	"github.com/shoal-go/shoal/transport"
)

// Status is the outbox of a status.Board over the same sessions.
func (o *Outbox) Status() status.Outbox { return statusOutbox{o} }

type statusOutbox struct{ o *Outbox }

func (s statusOutbox) StatusPresence(to []presence.Presence, now, before []status.Presence) {
	s.o.tell(to, transport.Outgoing{}, &rtapi.Envelope{Message: &rtapi.Envelope_StatusPresenceEvent{
		StatusPresenceEvent: &rtapi.StatusPresenceEvent{Joins: statusPresences(now), Leaves: statusPresences(before)},
	}})
}

func (s statusOutbox) Flush(to []presence.Presence) { s.o.flush(to) }

// statusPresences are presences with what they say of themselves, which is shown even if it is nothing.
func statusPresences(ps []status.Presence) []*rtapi.UserPresence {
	out := make([]*rtapi.UserPresence, len(ps))
	for i, p := range ps {
		out[i] = userPresence(p.Presence)
		out[i].Status = shown(p.Text)
	}
	return out
}

// Stream is the outbox of a stream.Streams over the same sessions.
func (o *Outbox) Stream() stream.Outbox { return streamOutbox{o} }

type streamOutbox struct{ o *Outbox }

func (s streamOutbox) StreamData(k stream.Key, to []presence.Presence, m stream.Message) {
	data := &rtapi.StreamData{Stream: streamName(k), Data: m.Data, Reliable: !m.Unreliable}
	if m.From != (presence.Presence{}) {
		data.Sender = userPresence(m.From)
	}
	how := transport.Outgoing{Unreliable: m.Unreliable}
	s.o.tell(to, how, &rtapi.Envelope{Message: &rtapi.Envelope_StreamData{StreamData: data}})
}

func (s streamOutbox) StreamPresence(k stream.Key, to []presence.Presence, joined, left []stream.Member) {
	s.o.tell(to, transport.Outgoing{}, &rtapi.Envelope{Message: &rtapi.Envelope_StreamPresenceEvent{
		StreamPresenceEvent: &rtapi.StreamPresenceEvent{
			Stream: streamName(k), Joins: streamMembers(joined), Leaves: streamMembers(left),
		},
	}})
}

func (s streamOutbox) Flush(_ stream.Key, to []presence.Presence) { s.o.flush(to) }

func streamName(k stream.Key) *rtapi.Stream {
	return &rtapi.Stream{Mode: k.Mode, Subject: k.Subject, Subcontext: k.Subcontext, Label: k.Label}
}

func streamMembers(ms []stream.Member) []*rtapi.UserPresence {
	out := make([]*rtapi.UserPresence, len(ms))
	for i, m := range ms {
		out[i] = userPresence(m.Presence)
		out[i].Persistence = m.Persistence
		if m.Status != "" {
			out[i].Status = shown(m.Status)
		}
	}
	return out
}
