package wire

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	matchID = "d3621554-a732-497f-adb8-3b11ce7648c9."
	alice   = "74e0c503-9aa7-4db1-a490-c5deffc8a2c8"
)

// js is what nakama-js sends for data: a base64 of its own making, the op code as text, an empty list of presences.
const js = `{"match_data_send":{"match_id":"` + matchID +
	`","op_code":"5","data":"aGk=","presences":[],"reliable":true},"cid":"7"}`

// fishgame returns frames recorded between the Fish Game and the reference server, of both directions, one of each kind.
func fishgame(t testing.TB) [][]byte {
	b, err := os.ReadFile("testdata/fishgame.jsonl")
	require.NoError(t, err)
	return bytes.Split(bytes.TrimSpace(b), []byte("\n"))
}

// sent is an Inbound of kind MatchDataSend.
func sent(id string, op int64, data string) Inbound {
	return Inbound{Kind: MatchDataSend, MatchID: []byte(id), Op: op, Data: []byte(data)}
}

// tester is a test, or a property in one.
type tester interface {
	require.TestingT
	Helper()
}

// same compares what a caller sees of two Inbounds: empty and nil slices are one thing.
func same(t tester, want, got Inbound) {
	t.Helper()
	require.Equal(t, want.Kind, got.Kind, "kind")
	require.Equal(t, string(want.CID), string(got.CID), "cid")
	require.Equal(t, string(want.MatchID), string(got.MatchID), "match id")
	require.Equal(t, want.Op, got.Op, "op")
	require.Equal(t, string(want.Data), string(got.Data), "data")
	require.Equal(t, want.Reliable, got.Reliable, "reliable")
	require.True(t, slices.Equal(want.Sessions, got.Sessions), "sessions: %q, want %q", got.Sessions, want.Sessions)
	require.True(t, proto.Equal(want.Envelope, got.Envelope), "envelope: %v, want %v", got.Envelope, want.Envelope)
}

func TestDecodeFishGame(t *testing.T) {
	for _, frame := range fishgame(t) {
		want := &rtapi.Envelope{}
		require.NoError(t, protojson.Unmarshal(frame, want))
		pb := marshal(t, want)

		// What the game sends all the time must not need the library.
		hot := want.GetMatchDataSend() != nil
		require.Equal(t, hot, decodeJSON(frame, &Inbound{}), "%s", frame)
		require.Equal(t, hot, decodeProtobuf(pb, &Inbound{}), "%s", frame)

		var in Inbound
		require.NoError(t, Decode(JSON, frame, &in))
		agree(t, want, in)
		require.NoError(t, Decode(Protobuf, pb, &in))
		agree(t, want, in)
	}
}

func TestDecodeNakamaJS(t *testing.T) {
	require.True(t, decodeJSON([]byte(js), &Inbound{}))
	var in Inbound
	require.NoError(t, Decode(JSON, []byte(js), &in))
	want := sent(matchID, 5, "hi")
	want.CID, want.Reliable = []byte("7"), true
	same(t, want, in)
}

func TestEnvelopeMayBeKept(t *testing.T) {
	b := []byte(`{"rpc":{"id":"first"}}`)
	var in Inbound
	require.NoError(t, Decode(JSON, b, &in))
	kept := in.Envelope
	copy(b, `{"rpc":{"id":"other"}}`)
	require.NoError(t, Decode(JSON, b, &in))
	require.Equal(t, "first", kept.GetRpc().Id)
	require.Equal(t, "other", in.Envelope.GetRpc().Id)
}

// agree fails unless in says what the library understood.
func agree(t tester, want *rtapi.Envelope, in Inbound) {
	t.Helper()
	var as Inbound
	as.take(want)
	same(t, as, in)
}

// dirty returns an Inbound that was used before.
func dirty(t tester) *Inbound {
	in := &Inbound{}
	require.NoError(t, Decode(JSON, []byte(js), in))
	return in
}

// other is an Inbound of kind Other.
func other(cid string, m proto.Message) Inbound { return Inbound{Kind: Other, Envelope: wrap(cid, m)} }

// wrap returns the envelope with m as its message.
func wrap(cid string, m proto.Message) *rtapi.Envelope {
	e := &rtapi.Envelope{Cid: cid}
	r := e.ProtoReflect()
	members := r.Descriptor().Oneofs().ByName("message").Fields()
	for i := range members.Len() {
		if members.Get(i).Message() == m.ProtoReflect().Descriptor() {
			r.Set(members.Get(i), protoreflect.ValueOfMessage(m.ProtoReflect()))
		}
	}
	return e
}

func marshal(t *testing.T, e *rtapi.Envelope) []byte {
	b, err := proto.Marshal(e)
	require.NoError(t, err)
	return b
}

func field(num protowire.Number, v []byte) []byte {
	return append(protoMessage(nil, num, len(v)), v...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
