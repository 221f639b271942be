package wire

import (
	"strings"
	"testing"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/presence"
)

type frame struct {
	name string
	f    Format
	b    []byte
}

// traffic is what clients send nearly all the time, in both formats.
func traffic(t testing.TB) (frames []frame) {
	data := strings.Repeat("aGkh", 28) // 84 bytes
	for name, json := range map[string]string{
		"data":   `{"cid":"5","match_data_send":{"match_id":"` + matchID + `","op_code":9001,"data":"` + data + `"}}`,
		"dataJS": js,
		"ping":   `{"ping":{},"cid":"12"}`,
	} {
		e := &rtapi.Envelope{}
		require.NoError(t, protojson.Unmarshal([]byte(json), e))
		b, err := proto.Marshal(e)
		require.NoError(t, err)
		frames = append(frames, frame{name + "/JSON", JSON, []byte(json)}, frame{name + "/protobuf", Protobuf, b})
	}
	return frames
}

func TestDecodeAllocates(t *testing.T) {
	for _, c := range traffic(t) {
		var in Inbound
		require.NoError(t, Decode(c.f, c.b, &in)) // the first one may make the buffer
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = Decode(c.f, c.b, &in) }), c.name)
	}
}

func TestAppendAllocates(t *testing.T) {
	p := presence.Presence{User: alice, Session: alice, Username: `"alice" <é>`, Node: "n1"}
	everyone := []presence.Presence{p, p, p}
	data, cid := make([]byte, 84), []byte("12")
	for _, f := range []Format{JSON, Protobuf} {
		dst := make([]byte, 0, 4096)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			dst = AppendMatchData(f, dst[:0], matchID, p, 9001, data, true)
			dst = AppendMatchPresence(f, dst, matchID, everyone, everyone)
			dst = AppendAck(f, dst, "12")
			dst = AppendPong(f, dst, cid)
			dst = AppendError(f, dst, "12", 3, "Invalid match ID")
		}))
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range traffic(b) {
		b.Run(c.name, func(b *testing.B) {
			var in Inbound
			b.ReportAllocs()
			for b.Loop() {
				if err := Decode(c.f, c.b, &in); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/library", func(b *testing.B) {
			library := protojson.Unmarshal
			if c.f == Protobuf {
				library = proto.Unmarshal
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := library(c.b, &rtapi.Envelope{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendMatchData(b *testing.B) {
	p := presence.Presence{User: alice, Session: alice, Username: "alice"}
	data := make([]byte, 84)
	e := &rtapi.Envelope{Message: &rtapi.Envelope_MatchData{MatchData: &rtapi.MatchData{
		MatchId: matchID, Presence: wirePresence(p), OpCode: 9001, Data: data,
	}}}
	for name, f := range map[string]Format{"JSON": JSON, "protobuf": Protobuf} {
		dst := make([]byte, 0, 1024)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendMatchData(f, dst[:0], matchID, p, 9001, data, false)
			}
		})
		b.Run(name+"/library", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = AppendEnvelope(f, dst[:0], e)
			}
		})
	}
}
