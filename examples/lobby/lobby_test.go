package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/presence"
)

func TestLobby(t *testing.T) {
	h, err := host.Open(t.Context(), host.Config{DB: "memory:", Gateway: nakama.Config{ServerKey: "key"}, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	f := lobby{h}.functions()
	ann := nakama.Caller{Presence: presence.Presence{User: "ann", Session: "a", Username: "ann"}}
	bob := nakama.Caller{Presence: presence.Presence{User: "bob", Session: "b", Username: "bob"}}
	afar := nakama.Caller{Presence: presence.Presence{User: "ann", Username: "ann"}}
	h.Streams.Enter(ann.Presence)
	h.Streams.Enter(bob.Presence)

	for _, tt := range []struct {
		name    string
		who     nakama.Caller
		payload string
		want    string
		fails   string
	}{
		{"enter", ann, "x", `{"size":1}`, ""},
		{"enter", bob, "x", `{"size":2}`, ""},
		{"enter", bob, "y", `{"size":1}`, ""},
		{"enter", afar, "x", "", "call this over the socket"},
		{"leave", afar, "x", "", "call this over the socket"},
		{"leave", bob, "x", "", ""},
		{"enter", ann, "x", `{"size":1}`, ""},
		{"say", ann, `{"lobby":"x","text":"hello"}`, "", ""},
		{"say", ann, `{"lobby":"x"}`, "", `say {"lobby":…,"text":…}`},
		{"give", ann, `{"to":"bob","what":"a fish"}`, "", ""},
		{"give", ann, `a fish`, "", `give {"to":…,"what":…}`},
		{"refuse", ann, ``, "", "out of luck"},
		{"refuse", ann, `"typed"`, "", "not now"},
	} {
		got, err := f[tt.name](t.Context(), tt.who, tt.payload)
		if tt.fails != "" {
			require.EqualError(t, err, tt.fails, "%s %s", tt.name, tt.payload)
			continue
		}
		require.NoError(t, err, "%s %s", tt.name, tt.payload)
		require.Equal(t, tt.want, got, "%s %s", tt.name, tt.payload)
	}
	mux := http.NewServeMux()
	lobby{h}.addRoutes(mux)
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/lobby/x", nil))
	require.JSONEq(t, `["ann"]`, rec.Body.String())
	page, err := h.Notifications.List(t.Context(), notification.ListRequest{User: "bob", Limit: 10})
	require.NoError(t, err)
	require.Len(t, page.Notifications, 1)
	require.JSONEq(t, `{"what":"a fish"}`, page.Notifications[0].Content)
}

func TestRunRefuses(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), "0.0.0.0:0", "memory:", time.Minute), "defaultkey")
	require.Error(t, run(t.Context(), "127.0.0.1:0", "nowhere:", time.Minute))
}
