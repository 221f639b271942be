package ws_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/coder/websocket"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

func Example() {
	sessions := transport.NewSessions(transport.Config{})

	serve := func(conn *ws.Conn, who presence.Presence) {
		s, err := sessions.Open(who, transport.Text, conn)
		if err != nil {
			_ = conn.Close(transport.CloseGoingAway, "not now")
			return
		}
		for {
			kind, data, err := conn.Read()
			if err != nil {
				s.Close(transport.CloseNormal, "")
				return
			}
			f := transport.NewFrame(kind, func(b []byte) []byte { return append(append(b, "echo: "...), data...) })
			s.Queue(f, transport.Outgoing{})
			f.Release()
			s.Flush()
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := ws.Accept(w, r, ws.Config{}); err == nil {
			go serve(conn, presence.Presence{User: "ann", Session: "1"})
		}
	}))
	defer server.Close()

	ctx := context.Background()
	client, _, err := websocket.Dial(ctx, server.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = client.Write(ctx, websocket.MessageText, []byte("hello"))
	_, data, _ := client.Read(ctx)
	fmt.Println(string(data))
	_ = client.Close(websocket.StatusNormalClosure, "")
	_ = sessions.Shutdown(ctx, transport.CloseGoingAway, "server stops")
	// Output: echo: hello
}
