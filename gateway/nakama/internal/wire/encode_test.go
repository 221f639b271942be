package wire

import (
	"math"
	"strings"
	"testing"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/presence"
)

var (
	server = presence.Presence{Node: "n1"}
	a      = presence.Presence{User: "u1", Session: "s1", Username: "alice", Node: "n1"}
	b      = presence.Presence{User: "u2", Session: "s2", Username: "bob", Node: "n1"}
)

// TestAppendJSON states the bytes, so that the rules of the protocol can be read here: zero values left out, op codes
// as text, padded base64.
func TestAppendJSON(t *testing.T) {
	const (
		alice = `{"user_id":"u1","session_id":"s1","username":"alice"}`
		bob   = `{"user_id":"u2","session_id":"s2","username":"bob"}`
	)
	ack := func(cid string) []byte { return AppendAck(JSON, nil, cid) }
	pong := func(cid string) []byte { return AppendPong(JSON, nil, []byte(cid)) }
	failed := func(cid string, code int32, message string) []byte { return AppendError(JSON, nil, cid, code, message) }
	event := func(joins, leaves []presence.Presence) []byte {
		return AppendMatchPresence(JSON, nil, "m.", joins, leaves)
	}
	data := func(p presence.Presence, op int64, data string, reliable bool) []byte {
		return AppendMatchData(JSON, nil, "m.", p, op, []byte(data), reliable)
	}
	two, zero := []presence.Presence{a, b}, make([]presence.Presence, 2)

	for _, c := range []struct {
		want string
		got  []byte
	}{
		{`{}`, ack("")},
		{`{"cid":"2"}`, ack("2")},
		{`{"pong":{}}`, pong("")},
		{`{"cid":"12","pong":{}}`, pong("12")},
		{`{"cid":"\"","pong":{}}`, pong(`"`)},
		{`{"error":{}}`, failed("", 0, "")},
		{`{"error":{"code":-1}}`, failed("", -1, "")},
		{`{"cid":"x","error":{}}`, failed("x", 0, "")},
		{`{"error":{"code":3,"message":"Invalid match ID"}}`, failed("", 3, "Invalid match ID")},
		{`{"cid":"1","error":{"message":"Error adding to matchmaker"}}`, failed("1", 0, "Error adding to matchmaker")},
		{`{"error":{"message":"\"b\" \\ \u000a\u001f"}}`, failed("", 0, "\"b\" \\ \n\x1f")},

		{`{"match_presence_event":{"match_id":"m."}}`, event(nil, nil)},
		{`{"match_presence_event":{"match_id":"m.","joins":[` + alice + `,` + bob + `]}}`, event(two, nil)},
		{`{"match_presence_event":{"match_id":"m.","leaves":[` + bob + `]}}`, event(nil, two[1:])},
		{`{"match_presence_event":{"match_id":"m.","joins":[{}],"leaves":[{},{}]}}`, event(zero[:1], zero[:2])},
		{`{"match_presence_event":{}}`, AppendMatchPresence(JSON, nil, "", nil, nil)},

		{
			`{"match_data":{"match_id":"m.","presence":` + alice + `,"op_code":"5","data":"aGk=","reliable":true}}`,
			data(a, 5, "hi", true),
		},
		{`{"match_data":{"match_id":"m.","op_code":"7","reliable":true}}`, data(server, 7, "", true)},
		{`{"match_data":{"match_id":"m.","presence":{"session_id":"s"}}}`, data(presence.Presence{Session: "s"}, 0, "", false)},
		{`{"match_data":{"match_id":"m.","op_code":"-9223372036854775808"}}`, data(server, math.MinInt64, "", false)},
		{`{"match_data":{"match_id":"m.","op_code":"9007199254740993"}}`, data(server, 1<<53+1, "", false)},
		{`{"match_data":{"match_id":"m.","data":"+/8="}}`, data(server, 0, "\xfb\xff", false)},
		{`{"match_data":{"match_id":"m."}}`, data(server, 0, "", false)},
		{`{"match_data":{}}`, AppendMatchData(JSON, nil, "", presence.Presence{}, 0, nil, false)},
	} {
		require.Equal(t, c.want, string(c.got))
	}
}

// TestAppendFishGame makes what the reference server sent to the Fish Game, and gets the same bytes.
func TestAppendFishGame(t *testing.T) {
	made := 0
	for _, frame := range fishgame(t) {
		e := &rtapi.Envelope{}
		require.NoError(t, protojson.Unmarshal(frame, e))
		for _, f := range []Format{JSON, Protobuf} {
			var got []byte
			switch m := e.Message.(type) {
			case nil:
				got = AppendAck(f, nil, e.Cid)
			case *rtapi.Envelope_Error:
				got = AppendError(f, nil, e.Cid, m.Error.Code, m.Error.Message)
			case *rtapi.Envelope_MatchData:
				d := m.MatchData
				got = AppendMatchData(f, nil, d.MatchId, from(d.Presence), d.OpCode, d.Data, d.Reliable)
			case *rtapi.Envelope_MatchPresenceEvent:
				p := m.MatchPresenceEvent
				got = AppendMatchPresence(f, nil, p.MatchId, list(p.Joins), list(p.Leaves))
			default:
				continue
			}
			made++
			if f == JSON {
				require.Equal(t, string(frame), string(got))
				continue
			}
			require.Equal(t, marshal(t, e), got)
		}
	}
	require.Greater(t, made, 15)
}

func TestAppendEscapes(t *testing.T) {
	for name, want := range map[string]string{
		`<b>"Al" & \co\</b>`:        `<b>"Al" & \co\</b>`,
		"tab\tline\r\nbell\a\x00":   "tab\tline\r\nbell\a\x00",
		"\x7f\u2028\u2029\ufeff":    "\x7f\u2028\u2029\ufeff",
		"Zoë 鱼 🐟":                   "Zoë 鱼 🐟",
		"bad \xff\xfe end":          "bad \ufffd end",
		"half \xe9\xb1":             "half \ufffd",
		strings.Repeat(`"`, 1000):   strings.Repeat(`"`, 1000),
		"surrogate \xed\xa0\x80 ok": "surrogate \ufffd ok",
	} {
		p := presence.Presence{Username: name}
		ps := []presence.Presence{p}
		for _, f := range []Format{JSON, Protobuf} {
			data := read(t, f, AppendMatchData(f, nil, name, p, 0, nil, false)).GetMatchData()
			require.Equal(t, want, data.MatchId)
			require.Equal(t, want, data.Presence.Username)
			event := read(t, f, AppendMatchPresence(f, nil, name, ps, ps)).GetMatchPresenceEvent()
			require.Equal(t, want, event.MatchId)
			require.Equal(t, want, event.Joins[0].Username)
			require.Equal(t, want, event.Leaves[0].Username)
			require.Equal(t, want, read(t, f, AppendError(f, nil, "", 3, name)).GetError().Message)
			require.Equal(t, want, read(t, f, AppendError(f, nil, name, 3, "")).Cid)
			require.Equal(t, want, read(t, f, AppendAck(f, nil, name)).Cid)
			require.Equal(t, want, read(t, f, AppendPong(f, nil, []byte(name))).Cid)
		}
	}
}

// TestAppendExtends: the frame's header lies in front of what is appended.
func TestAppendExtends(t *testing.T) {
	everyone := []presence.Presence{a, b}
	for _, f := range []Format{JSON, Protobuf} {
		for _, head := range []string{"", "head", "{", "["} {
			for name, appended := range map[string]func(dst []byte) []byte{
				"match data":     func(dst []byte) []byte { return AppendMatchData(f, dst, "m.", a, 1, nil, true) },
				"match presence": func(dst []byte) []byte { return AppendMatchPresence(f, dst, "m.", nil, everyone) },
				"ack":            func(dst []byte) []byte { return AppendAck(f, dst, "1") },
				"pong":           func(dst []byte) []byte { return AppendPong(f, dst, []byte("1")) },
				"error":          func(dst []byte) []byte { return AppendError(f, dst, "1", 3, "x") },
			} {
				require.Equal(t, head+string(appended(nil)), string(appended([]byte(head))), name)
			}
		}
	}
}

func TestAppendEnvelope(t *testing.T) {
	e := &rtapi.Envelope{Cid: "1", Message: &rtapi.Envelope_Match{Match: &rtapi.Match{
		MatchId: "m.", Label: wrapperspb.String(""), Self: &rtapi.UserPresence{UserId: "u1", Username: "Zoë"},
	}}}

	out, err := AppendEnvelope(JSON, []byte("head"), e)
	require.NoError(t, err)
	require.JSONEq(t, `{"cid":"1","match":{"match_id":"m.","label":"","self":{"user_id":"u1","username":"Zoë"}}}`,
		strings.TrimPrefix(string(out), "head"))

	out, err = AppendEnvelope(Protobuf, []byte("head"), e)
	require.NoError(t, err)
	require.True(t, proto.Equal(e, read(t, Protobuf, out[len("head"):])))
}

func TestAppendEnvelopeRefuses(t *testing.T) {
	e := &rtapi.Envelope{Cid: "1", Message: &rtapi.Envelope_MatchCreate{MatchCreate: &rtapi.MatchCreate{Name: "\xff"}}}
	for _, f := range []Format{JSON, Protobuf} {
		out, err := AppendEnvelope(f, []byte("head"), e)
		require.Error(t, err)
		require.Equal(t, "head", string(out))
	}
}

// read is what a client understands.
func read(t *testing.T, f Format, b []byte) *rtapi.Envelope {
	t.Helper()
	e := &rtapi.Envelope{}
	if f == Protobuf {
		require.NoError(t, proto.Unmarshal(b, e))
		return e
	}
	require.NoError(t, protojson.Unmarshal(b, e), "%s", b)
	return e
}

func from(p *rtapi.UserPresence) presence.Presence {
	return presence.Presence{User: p.GetUserId(), Session: p.GetSessionId(), Username: p.GetUsername()}
}

func list(ps []*rtapi.UserPresence) (out []presence.Presence) {
	for _, p := range ps {
		out = append(out, from(p))
	}
	return out
}
