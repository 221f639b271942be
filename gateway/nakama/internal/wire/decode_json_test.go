package wire

import (
	"testing"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
)

func TestDecodeJSON(t *testing.T) {
	data := func(members string) string { return `{"match_data_send":{` + members + `}}` }
	hi := sent("m.", 5, "hi")

	for name, c := range map[string]struct {
		json string
		want Inbound
		hand bool // read without the library
	}{
		"plain":              {data(`"match_id":"m.","op_code":5,"data":"aGk="`), hi, true},
		"op code as text":    {data(`"match_id":"m.","op_code":"5","data":"aGk="`), hi, true},
		"camel case":         {`{"matchDataSend":{"matchId":"m.","opCode":5,"data":"aGk="}}`, hi, true},
		"any order":          {data(`"data":"aGk=","op_code":5,"match_id":"m."`), hi, true},
		"white space":        {"\t{ \"match_data_send\" :\r\n{ \"op_code\" : 5 , \"data\":\"aGk=\" } }\n ", sent("", 5, "hi"), true},
		"base64 unpadded":    {data(`"match_id":"m.","op_code":5,"data":"aGk"`), hi, true},
		"base64 standard":    {data(`"data":"+/+/"`), sent("", 0, "\xfb\xff\xbf"), true},
		"base64 URL":         {data(`"data":"-_-_"`), sent("", 0, "\xfb\xff\xbf"), false},
		"base64 URL, short":  {data(`"data":"-_8"`), sent("", 0, "\xfb\xff"), false},
		"nothing in it":      {data(``), sent("", 0, ""), true},
		"zeros":              {data(`"match_id":"","op_code":0,"data":"","reliable":false`), sent("", 0, ""), true},
		"nobody named":       {data(`"presences":[ ]`), sent("", 0, ""), true},
		"nulls":              {data(`"match_id":null,"op_code":null,"data":null,"reliable":null`), sent("", 0, ""), false},
		"null for nobody":    {data(`"presences":null`), sent("", 0, ""), false},
		"negative op code":   {data(`"op_code":-12`), sent("", -12, ""), true},
		"largest op code":    {data(`"op_code":"9223372036854775807"`), sent("", 1<<63-1, ""), false},
		"smallest op code":   {data(`"op_code":-9223372036854775808`), sent("", -1<<63, ""), false},
		"op code above 2^53": {data(`"op_code":9007199254740993`), sent("", 1<<53+1, ""), true},
		"op code 1e3":        {data(`"op_code":1e3`), sent("", 1000, ""), false},
		"op code 10.0":       {data(`"op_code":10.0`), sent("", 10, ""), false},
		"op code as 1e3":     {data(`"op_code":"1e3"`), sent("", 1000, ""), false},
		"op code -0":         {data(`"op_code":-0`), sent("", 0, ""), true},
		"escapes":            {data(`"match_id":"\u006d\u002e","op_code":5,"data":"\u0061Gk="`), hi, false},
		"escaped keys":       {`{"match\u005fdata_send":{"match_i\u0064":"m.","op_code":5,"data":"aGk="}}`, hi, false},
		"line break in data": {data(`"data":"aG\n\nk"`), sent("", 0, "hi"), false},
		"text is not ASCII":  {data(`"match_id":"ä"`), sent("ä", 0, ""), false},
		"reliable":           {data(`"reliable":true`), Inbound{Kind: MatchDataSend, Reliable: true}, true},
		"presences": {
			data(`"presences":[{"session_id":"a"},{"userId":"u","sessionId":"b","username":"x"},{}]`),
			Inbound{Kind: MatchDataSend, Sessions: []string{"a", "b", ""}},
			false,
		},
		"cid":         {`{"cid":"1","match_data_send":{}}`, Inbound{Kind: MatchDataSend, CID: []byte("1")}, true},
		"cid after":   {`{"match_data_send":{},"cid":"1"}`, Inbound{Kind: MatchDataSend, CID: []byte("1")}, true},
		"cid escaped": {`{"cid":"\"","ping":{}}`, Inbound{Kind: Ping, CID: []byte(`"`)}, false},
		"a null beside it": {
			`{"ping":null,"match_data_send":{"match_id":"m.","op_code":5,"data":"aGk="},"rpc":null}`, hi, false,
		},
		"ping":             {`{"ping":{}}`, Inbound{Kind: Ping}, true},
		"ping of JS":       {`{"ping":{},"cid":"12"}`, Inbound{Kind: Ping, CID: []byte("12")}, true},
		"ping, spaces":     {`{"cid": "12", "ping": { } }`, Inbound{Kind: Ping, CID: []byte("12")}, true},
		"nothing":          {`{}`, Inbound{}, false},
		"nothing, cid":     {`{"cid":"1"}`, Inbound{CID: []byte("1")}, false},
		"null message":     {`{"cid":"1","match_join":null}`, Inbound{CID: []byte("1")}, false},
		"null data":        {`{"match_data_send":null}`, Inbound{}, false},
		"pong":             {`{"pong":{}}`, other("", &rtapi.Pong{}), false},
		"other":            {`{"cid":"1","match_create":{}}`, other("1", &rtapi.MatchCreate{}), false},
		"other, camel":     {`{"matchLeave":{"matchId":"m."}}`, other("", &rtapi.MatchLeave{MatchId: "m."}), false},
		"rpc of any text":  {`{"rpc":{"payload":"\"\u00e4\""}}`, other("", &api.Rpc{Payload: `"ä"`}), false},
		"for clients only": {`{"error":{"code":3}}`, other("", &rtapi.Error{Code: 3}), false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.hand, decodeJSON([]byte(c.json), &Inbound{}), "by hand")
			in := dirty(t)
			require.NoError(t, Decode(JSON, []byte(c.json), in))
			same(t, c.want, *in)
		})
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	for name, json := range map[string]string{
		"no bytes":              ``,
		"only space":            ` `,
		"text":                  `hello`,
		"null":                  `null`,
		"a list":                `[]`,
		"cut off":               `{"match_data_send":{"match_id":"m."`,
		"cut off in a string":   `{"match_data_send":{"match_id":"m`,
		"cut off in a key":      `{"match_da`,
		"cut off in a number":   `{"match_data_send":{"op_code":5`,
		"more behind":           `{"ping":{}}{}`,
		"zero byte behind":      "{\"ping\":{}}\x00",
		"unknown key":           `{"ping":{},"x":1}`,
		"unknown message":       `{"match_fly":{}}`,
		"unknown key inside":    `{"match_data_send":{"match_id":"m.","opcode":5}}`,
		"unknown key in ping":   `{"ping":{"a":1}}`,
		"other case":            `{"Ping":{}}`,
		"key of an extension":   `{"[a.b]":1}`,
		"two messages":          `{"ping":{},"match_data_send":{}}`,
		"twice":                 `{"ping":{},"ping":{}}`,
		"twice, two spellings":  `{"match_data_send":{"match_id":"a","matchId":"b"}}`,
		"cid twice":             `{"cid":"1","cid":"2","ping":{}}`,
		"null and again":        `{"match_data_send":{"data":null,"data":"aGk="}}`,
		"cid is a number":       `{"cid":1,"ping":{}}`,
		"ping is a list":        `{"ping":[]}`,
		"ping is a number":      `{"ping":1}`,
		"match id is a number":  `{"match_data_send":{"match_id":5}}`,
		"op code is a fraction": `{"match_data_send":{"op_code":1.5}}`,
		"op code too large":     `{"match_data_send":{"op_code":9223372036854775808}}`,
		"op code 007":           `{"match_data_send":{"op_code":007}}`,
		"op code +7":            `{"match_data_send":{"op_code":+7}}`,
		"op code -":             `{"match_data_send":{"op_code":-}}`,
		"op code empty":         `{"match_data_send":{"op_code":""}}`,
		"op code with space":    `{"match_data_send":{"op_code":" 5"}}`,
		"op code open":          `{"match_data_send":{"op_code":"5}}`,
		"op code is true":       `{"match_data_send":{"op_code":true}}`,
		"op code runs on":       `{"match_data_send":{"op_code":5x}}`,
		"data is no base64":     `{"match_data_send":{"data":"a"}}`,
		"data of both base64s":  `{"match_data_send":{"data":"+_+_"}}`,
		"data badly padded":     `{"match_data_send":{"data":"aGk=="}}`,
		"data is a list":        `{"match_data_send":{"data":[1]}}`,
		"raw line break":        "{\"match_data_send\":{\"data\":\"aG\n\nk\"}}",
		"reliable is a number":  `{"match_data_send":{"reliable":1}}`,
		"reliable as text":      `{"match_data_send":{"reliable":"true"}}`,
		"reliable runs on":      `{"match_data_send":{"reliable":true1}}`,
		"presences is a map":    `{"match_data_send":{"presences":{}}}`,
		"a presence is null":    `{"match_data_send":{"presences":[null]}}`,
		"unknown in presence":   `{"match_data_send":{"presences":[{"x":1}]}}`,
		"comma at the end":      `{"ping":{},}`,
		"comma at the start":    `{,"ping":{}}`,
		"no comma":              `{"cid":"1" "ping":{}}`,
		"no colon":              `{"ping"{}}`,
		"wrong quotes":          `{'ping':{}}`,
		"comment":               `{"ping":{}/**/}`,
		"byte order mark":       "\ufeff{\"ping\":{}}",
		"not UTF-8":             "{\"match_data_send\":{\"match_id\":\"\xff\"}}",
		"not UTF-8 in a cid":    "{\"cid\":\"\xc3\x28\",\"ping\":{}}",
		"half a surrogate":      `{"cid":"\ud800","ping":{}}`,
		"unknown escape":        `{"cid":"\x","ping":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			in := dirty(t)
			require.Error(t, Decode(JSON, []byte(json), in))
			same(t, Inbound{}, *in)
		})
	}
}
