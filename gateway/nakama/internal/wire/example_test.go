package wire_test

import (
	"fmt"

	"github.com/shoal-go/shoal/gateway/nakama/internal/wire"
	"github.com/shoal-go/shoal/presence"
)

// A player moves; everyone else in the match is told.
func Example() {
	var in wire.Inbound // one per session, used for every message
	payload := []byte(`{"match_data_send":{"match_id":"m.","op_code":7,"data":"eD0z"}}`)
	if err := wire.Decode(wire.JSON, payload, &in); err != nil {
		fmt.Println(err) // close the socket
		return
	}
	switch in.Kind {
	case wire.MatchDataSend:
		fmt.Printf("%s %d %s\n", in.MatchID, in.Op, in.Data)
		sender := presence.Presence{User: "u1", Session: "s1", Username: "alice"}
		out := wire.AppendMatchData(wire.JSON, nil, string(in.MatchID), sender, in.Op, in.Data, in.Reliable)
		fmt.Println(string(out))
	case wire.Ping:
		fmt.Println(string(wire.AppendPong(wire.JSON, nil, in.CID)))
	}
	// Output:
	// m. 7 x=3
	// {"match_data":{"match_id":"m.","presence":{"user_id":"u1","session_id":"s1","username":"alice"},"op_code":"7","data":"eD0z"}}
}
