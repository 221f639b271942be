package wire

import (
	"bytes"
	"testing"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
)

func TestDecodeProtobuf(t *testing.T) {
	data := func(m *rtapi.MatchDataSend) []byte { return marshal(t, wrap("", m)) }
	id, hi := field(1, []byte("m.")), field(3, []byte("hi"))
	op4, op5 := []byte{16, 4}, []byte{16, 5}
	unknown := field(100, []byte("x"))

	for name, c := range map[string]struct {
		b    []byte
		want Inbound
		hand bool // read without the library
	}{
		"match data": {
			data(&rtapi.MatchDataSend{MatchId: "m.", OpCode: 5, Data: []byte("hi")}), sent("m.", 5, "hi"), true,
		},
		"with cid":      {join(field(1, []byte("1")), field(15, nil)), Inbound{Kind: MatchDataSend, CID: []byte("1")}, true},
		"cid after":     {join(field(15, nil), field(1, []byte("1"))), Inbound{Kind: MatchDataSend, CID: []byte("1")}, true},
		"nothing in it": {data(&rtapi.MatchDataSend{}), sent("", 0, ""), true},
		"negative op":   {data(&rtapi.MatchDataSend{OpCode: -5}), sent("", -5, ""), true},
		"reliable":      {data(&rtapi.MatchDataSend{Reliable: true}), Inbound{Kind: MatchDataSend, Reliable: true}, true},
		"reliable is 2": {field(15, []byte{40, 2}), Inbound{Kind: MatchDataSend, Reliable: true}, true},
		"presences": {
			data(&rtapi.MatchDataSend{Presences: []*rtapi.UserPresence{{SessionId: "a"}, {UserId: "u"}}}),
			Inbound{Kind: MatchDataSend, Sessions: []string{"a", ""}},
			false,
		},
		"last one wins":  {field(15, join(hi, op4, id, op5, field(3, nil), hi)), sent("m.", 5, "hi"), true},
		"in two parts":   {join(field(15, join(id, op4)), field(15, join(op5, hi))), sent("m.", 5, "hi"), false},
		"last of oneof":  {join(field(32, nil), field(15, id)), sent("m.", 0, ""), false},
		"unknown field":  {join(unknown, field(15, id)), sent("m.", 0, ""), false},
		"unknown inside": {field(15, join(unknown, id)), sent("m.", 0, ""), false},
		"wrong type":     {field(15, join([]byte{8, 1}, op5)), sent("", 5, ""), false},
		"ping":           {join(field(1, []byte("12")), field(32, nil)), Inbound{Kind: Ping, CID: []byte("12")}, true},
		"unknown ping":   {field(32, unknown), Inbound{Kind: Ping}, false},
		"no bytes":       {nil, Inbound{}, false},
		"nothing, cid":   {field(1, []byte("1")), Inbound{CID: []byte("1")}, false},
		"only unknown":   {unknown, Inbound{}, false},
		"other":          {marshal(t, wrap("1", &rtapi.MatchCreate{Name: "x"})), other("1", &rtapi.MatchCreate{Name: "x"}), false},
		"other, unknown": {join(unknown, field(13, unknown)), other("", &rtapi.MatchCreate{}), false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.hand, decodeProtobuf(c.b, &Inbound{}), "by hand")
			in := dirty(t)
			require.NoError(t, Decode(Protobuf, c.b, in))
			same(t, c.want, *in)
		})
	}
}

func TestDecodeProtobufRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"JSON":                 []byte(`{"ping":{}}`),
		"cut off tag":          {0x80},
		"cut off length":       {0x7a, 0x80},
		"longer than it is":    {0x7a, 5, 1},
		"field number 0":       {0x02, 0},
		"end of no group":      {0x0c},
		"tag too long":         bytes.Repeat([]byte{0xff}, 11),
		"cut off inside":       field(15, []byte{0x10}),
		"op code too long":     field(15, append([]byte{0x10}, bytes.Repeat([]byte{0xff}, 10)...)),
		"data longer inside":   field(15, []byte{0x1a, 5, 1}),
		"not UTF-8":            field(15, field(1, []byte{0xff})),
		"not UTF-8 in a cid":   join(field(1, []byte{0xff}), field(32, nil)),
		"bad presence":         field(15, field(4, []byte{0x0a, 5})),
		"not UTF-8 in another": field(13, field(1, []byte{0xff})),
	} {
		t.Run(name, func(t *testing.T) {
			in := dirty(t)
			require.Error(t, Decode(Protobuf, b, in))
			same(t, Inbound{}, *in)
		})
	}
}
