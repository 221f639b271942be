package nakama_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// fish is a player of the real game, which counts its requests from 1.
type fish struct {
	t    *testing.T
	name string
	conn *websocket.Conn
	cid  int
}

func (f *fish) send(format string, args ...any) {
	f.t.Helper()
	f.cid++
	frame := fmt.Sprintf(`{"cid":"%d",%s}`, f.cid, fmt.Sprintf(format, args...))
	require.NoError(f.t, f.conn.Write(f.t.Context(), websocket.MessageText, []byte(frame)))
}

// next is the next frame, with its objects below the one key that is not cid.
func (f *fish) next() map[string]any {
	f.t.Helper()
	kind, b, err := f.conn.Read(f.t.Context())
	require.NoError(f.t, err, f.name)
	require.Equal(f.t, websocket.MessageText, kind)
	var frame map[string]any
	require.NoError(f.t, json.Unmarshal(b, &frame))
	return frame
}

// want is the next frame, which must have this member; "" is a bare acknowledgement of the last request.
func (f *fish) want(member string) map[string]any {
	f.t.Helper()
	frame := f.next()
	if member == "" {
		require.Equal(f.t, map[string]any{"cid": fmt.Sprint(f.cid)}, frame, f.name)
		return nil
	}
	require.Contains(f.t, frame, member, f.name)
	return frame[member].(map[string]any)
}

// TestFishGameSocket replays the WebSocket traffic of the real game: a number as op code in and a string out, padded
// base64 as it was, match_leave twice, and the answers and events that the game depends on.
func TestFishGameSocket(t *testing.T) {
	w := newWorld(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = w.queue.Run(ctx) }()
	server := httptest.NewServer(w.h)
	defer server.Close()
	school := make([]*fish, 4) // as many as a match takes, so that they are matched at once
	for i := range school {
		name := fmt.Sprintf("fish%d", i)
		url := "ws" + strings.TrimPrefix(server.URL, "http") + "/ws?lang=en&status=false&token=" + w.newAccount(name).token
		conn, _, err := websocket.Dial(t.Context(), url, nil)
		require.NoError(t, err)
		defer func() { _ = conn.CloseNow() }()
		school[i] = &fish{t: t, name: name, conn: conn}
	}

	const add = `"matchmaker_add":{"query":"+properties.game:fish_game +properties.engine:godot +properties.client_version:v1.2",` +
		`"max_count":4,"min_count":2,"numeric_properties":{},"string_properties":{"game":"fish_game","engine":"godot","client_version":"v1.2"}}`
	host, guest := school[0], school[1]
	host.send(add)
	host.send(`"matchmaker_remove":{"ticket":"%s"}`, host.want("matchmaker_ticket")["ticket"])
	host.want("")
	tickets := make([]any, len(school))
	for i, f := range school {
		f.send(add)
		tickets[i] = f.want("matchmaker_ticket")["ticket"]
	}
	var token any
	var users []any
	for i, f := range school {
		matched := f.want("matchmaker_matched")
		require.Equal(t, tickets[i], matched["ticket"])
		require.Equal(t, f.name, matched["self"].(map[string]any)["presence"].(map[string]any)["username"])
		if i == 0 {
			token, users = matched["token"], matched["users"].([]any)
		}
		require.Equal(t, token, matched["token"])
		require.Equal(t, users, matched["users"], "peers are numbered by the session ids, which must be the same for all")
	}
	var id string
	for i, f := range school {
		f.send(`"match_join":{"token":"%s"}`, token)
		match := f.want("match")
		id = match["match_id"].(string)
		require.Truef(t, strings.HasSuffix(id, "."), "the game expects the dot: %s", id)
		require.Contains(t, match, "self")
		if i == 0 {
			require.NotContains(t, match, "size", "nobody else yet")
		}
		for _, other := range school[:i+1] {
			other.want("match_presence_event")
		}
	}

	const payload = "eyJwZWVyX2lkIjowLCJtZXRob2QiOiJycGNfdGVzdCJ9ICA=" // padded, as the game must get it back
	for range 20 {
		host.send(`"match_data_send":{"match_id":"%s","op_code":9001,"data":"%s"}`, id, payload)
	}
	for range 20 {
		data := guest.want("match_data")
		require.Equal(t, "9001", data["op_code"], "a number would be dropped by the game")
		require.Equal(t, payload, data["data"])
		require.Equal(t, id, data["match_id"])
	}
	for range 2 { // the back button does that
		host.send(`"match_leave":{"match_id":"%s"}`, id)
		host.want("")
	}
	require.Contains(t, guest.want("match_presence_event"), "leaves")

	t.Log("a private match: the host must have the reply before its own event, or it takes itself for a guest")
	host.send(`"match_create":{}`)
	private := host.want("match")
	require.EqualValues(t, 1, private["size"])
	host.want("match_presence_event")
	guest.send(`"match_join":{"match_id":"%s"}`, private["match_id"])
	require.Len(t, guest.want("match")["presences"], 1)
	host.want("match_presence_event")
	host.send(`"match_data_send":{"match_id":"%s","op_code":9003,"data":"e30="}`, private["match_id"])
	host.send(`"match_data_send":{"match_id":"%s","op_code":9002,"data":"e30="}`, private["match_id"])
	guest.want("match_presence_event")
	require.Equal(t, "9003", guest.want("match_data")["op_code"])
	require.Equal(t, "9002", guest.want("match_data")["op_code"], "in that order")

	t.Log("what can go wrong")
	guest.send(`"match_join":{"match_id":"f38230e6-0000-4000-8000-000000000000."}`)
	require.Equal(t, map[string]any{"code": 4.0, "message": "Match not found"}, guest.want("error"))
	guest.send(`"match_join":{"match_id":"nonsense"}`)
	require.Equal(t, map[string]any{"code": 3.0, "message": "Invalid match ID"}, guest.want("error"))
	guest.send(`"match_data_send":{"match_id":"","op_code":9002,"data":"e30="}`)
	require.Equal(t, map[string]any{"error": map[string]any{"code": 3.0, "message": "Invalid match ID"}}, guest.next(), "without a cid")
	require.NoError(t, guest.conn.Close(websocket.StatusNormalClosure, ""), "the close is answered")
	require.Contains(t, host.want("match_presence_event"), "leaves")
}
