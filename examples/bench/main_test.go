package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

func TestTheServerThatLoadToolsAskFor(t *testing.T) {
	h, handler, err := newServer(t.Context(), options{db: "memory:", key: "k", tokenTTL: time.Hour, pprof: true})
	require.NoError(t, err)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Serve(ctx, l, handler) }()

	session, err := h.Users.SignInDevice(ctx, "a-load-tool-0001", auth.SignIn{Create: true})
	require.NoError(t, err)
	call := func(id, payload string, into any) int {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.Addr().String()+"/v2/rpc/"+id+"?unwrap", bytes.NewReader([]byte(payload)))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+session.Token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.NoError(t, json.NewDecoder(resp.Body).Decode(into))
		return resp.StatusCode
	}
	var made struct {
		MatchID string `json:"match_id"`
	}
	require.Equal(t, http.StatusOK, call("create_bench_match", `{"tick_rate":20,"payload":200}`, &made))
	require.NotEmpty(t, made.MatchID)
	var found struct {
		Count int `json:"count"`
	}
	require.Equal(t, http.StatusOK, call("list_bench", `{"query":"+label.mode:bench +label.open:1 +label.rank:>=0","limit":10}`, &found))
	require.Equal(t, 1, found.Count)
	var failed struct{ Message string }
	require.Equal(t, http.StatusBadRequest, call("create_bench_match", `{"tick_rate":0}`, &failed))
	require.Equal(t, "tick_rate or payload out of range", failed.Message)
	require.Equal(t, http.StatusBadRequest, call("list_bench", `nonsense`, &failed))

	for _, board := range []string{"bench", "fish_game_wins"} {
		_, err := h.Boards.Get(board)
		require.NoError(t, err, board)
	}
	cancel()
	require.NoError(t, <-done)
}

func TestLateness(t *testing.T) {
	var l lateness
	l.add(time.Millisecond)
	require.EqualValues(t, 0, l.take()["ticks"], "nobody has asked yet")
	for range 99 {
		l.add(time.Millisecond)
	}
	l.add(time.Second)
	got := l.take()
	require.EqualValues(t, 100, got["ticks"])
	require.InEpsilon(t, 1000, got["p50_us"], 0.1)
	require.InEpsilon(t, 1e6, got["p99_us"], 0.1)
	require.EqualValues(t, 0, l.take()["ticks"], "each call begins anew")
}
