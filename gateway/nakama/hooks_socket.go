package nakama

import (
	"bytes"
	"errors"
	"sync"

	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/gateway/nakama/internal/wire"
	"github.com/shoal-go/shoal/transport"
)

// SocketError is an error as clients get it on a socket, with a code of the realtime protocol.
type SocketError struct {
	Code    int32
	Message string
}

func (e *SocketError) Error() string { return e.Message }

// outcome is what a request was answered with. An answer may be queued on another goroutine.
type outcome struct {
	mu  sync.Mutex
	out proto.Message
	err error
}

// note keeps what a request is answered with, if the host wants to know.
func (p *player) note(out proto.Message, err error) {
	if o := p.outcome.Load(); o != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.out, o.err = out, err
	}
}

// hooked answers a request if the host has nothing against it, and tells the host how.
func (p *player) hooked(e *rtapi.Envelope) {
	name, m := messageOf(e)
	r := &Request{Name: name, Caller: p.caller(), Message: m}
	if err := p.h.before(p.ctx, r); err != nil {
		p.refuse(e.Cid, err)
		return
	}
	o := new(outcome)
	p.outcome.Store(o)
	p.serve(e)
	p.outcome.Store(nil)
	o.mu.Lock()
	defer o.mu.Unlock()
	p.h.after(p.ctx, r, o.out, o.err)
}

// refuse answers a request that a hook has refused.
func (p *player) refuse(cid string, err error) {
	if errors.Is(err, ErrDisabled) {
		p.sendError(cid, codeUnrecognized, "Requested resource was not found.")
		p.s.Close(transport.CloseNormal, "error processing message")
		return
	}
	p.sendError(cid, codeFunctionException, err.Error())
}

// hookedData is data for a host that wants to see it. in is valid during the call; what waits keeps a copy.
func (p *player) hookedData(in *wire.Inbound) {
	m := &rtapi.MatchDataSend{
		MatchId: string(in.MatchID), OpCode: in.Op, Data: bytes.Clone(in.Data), Reliable: in.Reliable,
	}
	for _, session := range in.Sessions {
		m.Presences = append(m.Presences, &rtapi.UserPresence{SessionId: session})
	}
	cid := string(in.CID)
	run := func() {
		r := &Request{Name: "match_data_send", Caller: p.caller(), Message: m}
		if err := p.h.before(p.ctx, r); err != nil {
			p.refuse(cid, err)
			return
		}
		to := make([]string, len(m.Presences))
		for i, u := range m.Presences {
			to[i] = u.SessionId
		}
		p.sendData(normal(m.MatchId), m.OpCode, m.Data, to, !m.Reliable)
		p.h.after(p.ctx, r, nil, nil)
	}
	if id := normal(m.MatchId); p.waiting.Load() > 0 && p.touched(id) {
		p.enqueue(request{id, run})
		return
	}
	run()
}

// messageOf is the message of an envelope, which has one, and the name that it has there.
func messageOf(e *rtapi.Envelope) (name string, m proto.Message) {
	r := e.ProtoReflect()
	field := r.WhichOneof(r.Descriptor().Oneofs().ByName("message"))
	return string(field.Name()), r.Get(field).Message().Interface()
}

// caller is the player as hooks and functions of the host see it.
func (p *player) caller() Caller {
	return Caller{Presence: p.who, Vars: p.hello.Vars, Expires: p.hello.Expires, Addr: p.hello.Addr}
}
