package wire

import (
	"bytes"
	"testing"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/presence"
)

// The fuzz tests hold what is done by hand against the libraries: for any input they must agree.

func FuzzDecodeJSON(f *testing.F) {
	for _, frame := range fishgame(f) {
		f.Add(frame)
	}
	for _, s := range []string{
		js,
		`{"ping":{},"cid":"1"}`,
		`{"match_data_send":{"match_id":"m.","op_code":1e3,"data":"-_8","presences":[{"session_id":"a"}],"reliable":false}}`,
		`{"matchDataSend":{"matchId":"\u00e4","opCode":"-12","data":null}}`,
		` { "cid" : "1" , "match_data_send" : { "data" : "+/8=" , "op_code" : 9007199254740993 } } `,
		`{}`, `{"match_data_send":null}`, `{"ping":{},"ping":{}}`, `{"match_data_send":{"op_code":"1.0"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { decodesAs(t, JSON, b, protojson.Unmarshal) })
}

func FuzzDecodeProtobuf(f *testing.F) {
	for _, frame := range fishgame(f) {
		e := &rtapi.Envelope{}
		require.NoError(f, protojson.Unmarshal(frame, e))
		b, err := proto.Marshal(e)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add(field(32, nil))
	f.Add(join(field(15, field(1, []byte("m."))), field(15, join([]byte{16, 5}, field(3, []byte("hi"))))))
	f.Add(field(15, join([]byte{16, 0x85, 0x80, 0}, field(4, field(2, []byte("s"))), []byte{40, 2})))
	f.Fuzz(func(t *testing.T, b []byte) { decodesAs(t, Protobuf, b, proto.Unmarshal) })
}

// decodesAs fails unless Decode makes of b what the library makes of it.
func decodesAs(t tester, f Format, b []byte, library func([]byte, proto.Message) error) {
	before := bytes.Clone(b)
	want := &rtapi.Envelope{}
	wantErr := library(b, want)

	in := dirty(t)
	err := Decode(f, b, in)
	require.Equal(t, before, b, "Decode wrote into the payload")
	if wantErr != nil {
		require.Error(t, err, "the library says %v", wantErr)
		same(t, Inbound{}, *in)
		return
	}
	require.NoError(t, err)
	if in.Envelope != nil {
		dropUnknown(t, want)
	}
	agree(t, want, *in)
}

// dropUnknown takes the fields out of e that the protocol does not know; Decode does so as well.
func dropUnknown(t tester, e *rtapi.Envelope) {
	b, err := proto.Marshal(e)
	require.NoError(t, err)
	proto.Reset(e)
	require.NoError(t, unmarshalProtobuf(b, e))
}

func FuzzAppendMatchData(f *testing.F) {
	for _, frame := range fishgame(f) {
		e := &rtapi.Envelope{}
		require.NoError(f, protojson.Unmarshal(frame, e))
		if d := e.GetMatchData(); d != nil {
			p := d.Presence
			f.Add(d.MatchId, p.GetUserId(), p.GetSessionId(), p.GetUsername(), d.OpCode, d.Data, d.Reliable)
		}
	}
	f.Add("", "", "", "", int64(0), []byte(nil), false)
	f.Add("m\x00\"", "\\", "\u2028", "<\xff>\n", int64(-1), []byte{0xff}, true)
	f.Fuzz(func(t *testing.T, id, user, session, name string, op int64, data []byte, reliable bool) {
		p := presence.Presence{User: user, Session: session, Username: name}
		d := &rtapi.MatchData{MatchId: valid(id), OpCode: op, Data: data, Reliable: reliable}
		if p != (presence.Presence{}) {
			d.Presence = wirePresence(p)
		}
		want := wrap("", d)
		for _, f := range []Format{JSON, Protobuf} {
			encodesAs(t, f, want, AppendMatchData(f, nil, id, p, op, data, reliable))
		}
	})
}

func FuzzAppendMatchPresence(f *testing.F) {
	f.Add("m.", uint8(2), uint8(1), "u", "s", "alice")
	f.Add("", uint8(0), uint8(0), "", "", "")
	f.Add("m.", uint8(1), uint8(9), "", "\"\xff", "\x00\\")
	f.Fuzz(func(t *testing.T, id string, joins, leaves uint8, user, session, name string) {
		p := presence.Presence{User: user, Session: session, Username: name}
		ev := &rtapi.MatchPresenceEvent{MatchId: valid(id)}
		var in, out []presence.Presence
		for range joins {
			in, ev.Joins = append(in, p), append(ev.Joins, wirePresence(p))
			p.User += "x"
		}
		for range leaves {
			out, ev.Leaves = append(out, p), append(ev.Leaves, wirePresence(p))
			p = presence.Presence{User: p.Session, Session: p.Username, Username: p.User}
		}
		want := wrap("", ev)
		for _, f := range []Format{JSON, Protobuf} {
			encodesAs(t, f, want, AppendMatchPresence(f, nil, id, in, out))
		}
	})
}

func FuzzAppendReplies(f *testing.F) {
	f.Add("1", int32(4), "Match not found")
	f.Add("", int32(0), "")
	f.Add("\"\x01\xff", int32(-1), "\u2028\\")
	f.Fuzz(func(t *testing.T, cid string, code int32, message string) {
		ack := &rtapi.Envelope{Cid: valid(cid)}
		pong := wrap(valid(cid), &rtapi.Pong{})
		failed := wrap(valid(cid), &rtapi.Error{Code: code, Message: valid(message)})
		for _, f := range []Format{JSON, Protobuf} {
			encodesAs(t, f, ack, AppendAck(f, nil, cid))
			encodesAs(t, f, pong, AppendPong(f, nil, []byte(cid)))
			encodesAs(t, f, failed, AppendError(f, nil, cid, code, message))
		}
	})
}

// encodesAs fails unless got is what the library makes of want.
func encodesAs(t *testing.T, f Format, want *rtapi.Envelope, got []byte) {
	t.Helper()
	library, err := AppendEnvelope(f, nil, want)
	require.NoError(t, err)
	if f == JSON {
		require.JSONEq(t, string(library), string(got))
	} else {
		require.Equal(t, string(library), string(got))
	}
	require.True(t, proto.Equal(want, read(t, f, got)))
}

func wirePresence(p presence.Presence) *rtapi.UserPresence {
	return &rtapi.UserPresence{UserId: valid(p.User), SessionId: valid(p.Session), Username: valid(p.Username)}
}
