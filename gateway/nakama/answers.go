package nakama

import (
	"context"
	"fmt"
	"strings"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/gateway/nakama/internal/wire"
	"github.com/shoal-go/shoal/transport"
)

// The error codes of the realtime protocol.
const (
	codeRuntime           int32 = 0
	codeUnrecognized      int32 = 1
	codeMissing           int32 = 2
	codeBadInput          int32 = 3
	codeMatchNotFound     int32 = 4
	codeMatchRejected     int32 = 5
	codeFunctionNotFound  int32 = 6
	codeFunctionException int32 = 7
)

// answer handles one request. Every request but a pong gets a reply or an error with its cid.
func (p *player) answer(e *rtapi.Envelope) {
	switch {
	case e.GetPong() != nil:
	case fromServer(e):
		p.sendError(e.Cid, codeUnrecognized, "Unrecognized message.")
		p.s.Close(transport.CloseNormal, "error processing message")
	case p.h.hooked:
		p.hooked(e)
	default:
		p.serve(e)
	}
}

// serve does what a request asks for, and answers it.
func (p *player) serve(e *rtapi.Envelope) {
	cid := e.Cid
	switch m := e.Message.(type) {
	case *rtapi.Envelope_MatchCreate:
		p.matchCreate(cid, m.MatchCreate)
	case *rtapi.Envelope_MatchJoin:
		p.matchJoin(cid, m.MatchJoin)
	case *rtapi.Envelope_MatchLeave:
		p.matchLeave(cid, m.MatchLeave)
	case *rtapi.Envelope_MatchmakerAdd:
		p.matchmakerAdd(cid, m.MatchmakerAdd)
	case *rtapi.Envelope_MatchmakerRemove:
		p.matchmakerRemove(cid, m.MatchmakerRemove)
	case *rtapi.Envelope_Rpc:
		p.rpc(cid, m.Rpc)
	case *rtapi.Envelope_StatusFollow:
		p.statusFollow(cid, m.StatusFollow)
	case *rtapi.Envelope_StatusUnfollow:
		p.statusUnfollow(cid, m.StatusUnfollow)
	case *rtapi.Envelope_StatusUpdate:
		p.statusUpdate(cid, m.StatusUpdate)
	default:
		if !p.aboutParty(cid, e) {
			_, unknown := messageOf(e)
			p.unserved(cid, string(unknown.ProtoReflect().Descriptor().Name()))
		}
	}
}

// fromServer are the messages that only a server sends.
func fromServer(e *rtapi.Envelope) bool {
	switch e.Message.(type) {
	case *rtapi.Envelope_Channel, *rtapi.Envelope_ChannelMessage, *rtapi.Envelope_ChannelMessageAck,
		*rtapi.Envelope_ChannelPresenceEvent, *rtapi.Envelope_Error, *rtapi.Envelope_Match, *rtapi.Envelope_MatchData,
		*rtapi.Envelope_MatchPresenceEvent, *rtapi.Envelope_MatchmakerMatched, *rtapi.Envelope_MatchmakerTicket,
		*rtapi.Envelope_Notifications, *rtapi.Envelope_Status, *rtapi.Envelope_StatusPresenceEvent,
		*rtapi.Envelope_StreamData, *rtapi.Envelope_StreamPresenceEvent, *rtapi.Envelope_Party,
		*rtapi.Envelope_PartyLeader, *rtapi.Envelope_PartyJoinRequest, *rtapi.Envelope_PartyMatchmakerTicket,
		*rtapi.Envelope_PartyData, *rtapi.Envelope_PartyPresenceEvent:
		return true
	}
	return false
}

// unserved answers a request whose domain the host has not given, or that is not built yet. The socket stays open.
func (p *player) unserved(cid, what string) {
	p.fail(cid, codeRuntime, what+" is not served here")
}

// reply queues the answer to a request and lets it leave.
func (p *player) reply(cid string, e *rtapi.Envelope) {
	p.queueReply(cid, e)
	p.s.Flush()
}

// queueReply queues the answer to a request that somebody else lets leave, with what follows it.
func (p *player) queueReply(cid string, e *rtapi.Envelope) {
	if p.h.hooked {
		_, m := messageOf(e)
		p.note(m, nil)
	}
	e.Cid = cid
	queue(p.s, e)
}

// ack is the answer that says no more than that it is done.
func (p *player) ack(cid string) {
	p.note(nil, nil)
	f := transport.NewFrame(p.s.Kind(), func(dst []byte) []byte { return wire.AppendAck(p.format, dst, cid) })
	p.s.Queue(f, transport.Outgoing{})
	f.Release()
	p.s.Flush()
}

// fail answers a request with an error.
func (p *player) fail(cid string, code int32, message string) {
	p.note(nil, &SocketError{code, message})
	p.sendError(cid, code, message)
}

// sendError tells of something that went wrong.
func (p *player) sendError(cid string, code int32, message string) {
	f := transport.NewFrame(p.s.Kind(), func(dst []byte) []byte {
		return wire.AppendError(p.format, dst, cid, code, message)
	})
	p.s.Queue(f, transport.Outgoing{})
	f.Release()
	p.s.Flush()
}

// rpc calls a function of the host. It runs until it returns or the session ends.
func (p *player) rpc(cid string, m *api.Rpc) {
	if m.Id == "" {
		p.fail(cid, codeBadInput, "RPC ID must be set")
		return
	}
	f := p.h.c.RPC[strings.ToLower(m.Id)]
	if f == nil {
		p.fail(cid, codeFunctionNotFound, "RPC function not found")
		return
	}
	out, err := p.call(p.ctx, m.Id, f, p.caller(), m.Payload)
	if err != nil {
		p.fail(cid, codeFunctionException, err.Error())
		return
	}
	p.reply(cid, &rtapi.Envelope{Message: &rtapi.Envelope_Rpc{Rpc: &api.Rpc{Id: m.Id, Payload: out}}})
}

// call keeps a panic of the host's function from ending the process.
func (p *player) call(ctx context.Context, id string, f RPC, c Caller, payload string) (out string, err error) {
	defer func() {
		if v := recover(); v != nil {
			p.h.logPanic("rpc "+id, v)
			err = &Error{Internal, fmt.Sprintf("RPC function %q failed", id)}
		}
	}()
	return f(ctx, c, payload)
}

// shown is a wrapper type, which JSON shows even when the text is empty.
func shown(text string) *wrapperspb.StringValue { return wrapperspb.String(text) }
