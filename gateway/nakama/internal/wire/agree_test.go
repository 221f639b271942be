package wire

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"pgregory.net/rapid"
)

// TestDecodeJSONAgrees is the fuzz test with inputs that are nearly right: envelopes put together from members and
// values both usual and odd.
func TestDecodeJSONAgrees(t *testing.T) {
	pick := func(t *rapid.T, from ...string) string { return rapid.SampledFrom(from).Draw(t, "token") }
	space := func(t *rapid.T) string { return pick(t, "", "", "", "", " ", "\t\r\n", "\v") }
	object := func(t *rapid.T, member func(*rapid.T) string) string {
		members := make([]string, rapid.IntRange(0, 5).Draw(t, "members"))
		for i := range members {
			members[i] = space(t) + member(t) + space(t)
		}
		return "{" + strings.Join(members, ",") + pick(t, "}", "}", "}", "}", "}", ",}", "}}", "]", "")
	}
	value := func(t *rapid.T) string {
		return pick(t, `""`, `"m."`, `"\u006d"`, `"ä"`, `"aGk="`, `"aGk"`, `"+/+/"`, `"-_8="`, `"-/8="`, `"a"`, `"aGk=="`,
			`"5"`, `"-5"`, `"05"`, `"5 "`, `"1e2"`, `"123456789012345678"`, `"1234567890123456789"`, `"12345678901234567890"`,
			`5`, `-5`, `0`, `-0`, `00`, `1.0`, `1.5`, `1E2`, `1e-2`, `-`, `- 5`, `5a`, `9223372036854775807`, `9223372036854775808`,
			`true`, `false`, `truE`, `true5`, `null`, `{}`, `[]`, `[{}]`,
			`[{"sessionId":"s"}]`, `[{"session_id":null}]`, `[null]`, `"`, ``)
	}
	inner := func(t *rapid.T) string {
		key := pick(t, `"match_id"`, `"matchId"`, `"op_code"`, `"opCode"`, `"data"`, `"reliable"`, `"presences"`,
			`"op\u005fcode"`, `"match_ID"`, `"x"`, `data`)
		return key + space(t) + pick(t, ":", ":", ":", ":", ":", "", "=") + space(t) + value(t)
	}
	outer := func(t *rapid.T) string {
		switch pick(t, "data", "data", "data", "cid", "ping", "value") {
		case "data":
			return pick(t, `"match_data_send"`, `"matchDataSend"`) + space(t) + ":" + space(t) + object(t, inner)
		case "cid":
			return `"cid":` + value(t)
		case "ping":
			return `"ping":` + pick(t, `{}`, `{ }`, `{"x":1}`, `null`, `[]`, `{`, `1`)
		default:
			return pick(t, `"match_data_send"`, `"pong"`, `"match_leave"`, `"x"`) + ":" + value(t)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		b := space(r) + object(r, outer) + space(r)
		r.Log(b)
		decodesAs(r, JSON, []byte(b), protojson.Unmarshal)
	})
}
