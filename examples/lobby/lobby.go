package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/stream"
)

// lobbyMode is the mode of the lobby's stream; those below 100 are the protocol's.
const lobbyMode = 100

// gift is the code of the notification for one.
const gift = 1

// lobby is a room that the host drives: who is in it, and what is said, goes through functions of the host.
type lobby struct{ *host.Host }

// functions are what clients call.
func (l lobby) functions() map[string]nakama.RPC {
	return map[string]nakama.RPC{"enter": l.enter, "leave": l.leave, "say": l.say, "give": l.give, "refuse": l.refuse}
}

// hooks refuse what a lobby has no use for.
func hooks() nakama.Hooks {
	noParties := func(context.Context, *nakama.Request, *rtapi.PartyCreate) error {
		return errors.New("there are no parties here, only lobbies")
	}
	return nakama.Hooks{Before: nakama.Before(noParties)}
}

// addRoutes adds the lobby's own to those of the protocol: GET /lobby/{name} says who is there.
func (l lobby) addRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /lobby/{name}", func(w http.ResponseWriter, r *http.Request) {
		names := []string{}
		for _, m := range l.Streams.List(key(r.PathValue("name")), false) {
			names = append(names, m.Username)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(names) // the client has gone, or not
	})
}

// key is the stream of a lobby.
func key(name string) stream.Key { return stream.Key{Mode: lobbyMode, Label: name} }

// boards are what the players compete on: how many questions somebody knew, and the fastest lap of the year, for which
// everybody has three laps.
func boards() []leaderboard.Board {
	return []leaderboard.Board{
		{ID: "quiz", Operator: leaderboard.Best},
		{ID: "hall_of_fame", Authoritative: true},
		{ID: "race", Sort: leaderboard.Ascending, Reset: "@yearly", Tournament: leaderboard.Tournament{
			Title: "Race of the year", Category: 1, Duration: 366 * 24 * time.Hour, MaxNumScore: 3, JoinRequired: true,
		}},
	}
}

// errNoSocket answers calls over HTTP, which have no session that could be in a stream.
var errNoSocket = &nakama.Error{Code: nakama.FailedPrecondition, Message: "call this over the socket"}

// enter puts the caller into the lobby of a name, and returns how many are in it then.
func (l lobby) enter(_ context.Context, c nakama.Caller, name string) (string, error) {
	if c.Presence.Session == "" {
		return "", errNoSocket
	}
	if _, err := l.Streams.Join(key(name), c.Presence.Session, stream.As{}); err != nil {
		return "", err
	}
	return encoded(map[string]int{"size": l.Streams.Count(key(name))})
}

// leave takes the caller out of a lobby.
func (l lobby) leave(_ context.Context, c nakama.Caller, name string) (string, error) {
	if c.Presence.Session == "" {
		return "", errNoSocket
	}
	_ = l.Streams.Leave(key(name), c.Presence.Session) // who is not in it may leave it, too
	return "", nil
}

// say tells everybody in a lobby, the caller included.
func (l lobby) say(_ context.Context, c nakama.Caller, payload string) (string, error) {
	var in struct{ Lobby, Text string }
	if json.Unmarshal([]byte(payload), &in) != nil || in.Text == "" {
		return "", &nakama.Error{Code: nakama.InvalidArgument, Message: `say {"lobby":…,"text":…}`}
	}
	return "", l.Streams.Send(key(in.Lobby), stream.Message{From: c.Presence, Data: in.Text})
}

// give sends another user a notification, which is kept.
func (l lobby) give(ctx context.Context, c nakama.Caller, payload string) (string, error) {
	var in struct{ To, What string }
	if json.Unmarshal([]byte(payload), &in) != nil {
		return "", &nakama.Error{Code: nakama.InvalidArgument, Message: `give {"to":…,"what":…}`}
	}
	content, err := encoded(map[string]string{"what": in.What})
	if err != nil {
		return "", err
	}
	_, err = l.Notifications.Send(ctx, []notification.Notification{{
		User: in.To, Subject: "a gift", Content: content, Code: gift, Sender: c.Presence.User, Persistent: true,
	}})
	return "", err
}

// refuse always fails: with a code of its own if it is called with the JSON string "typed".
func (l lobby) refuse(_ context.Context, _ nakama.Caller, payload string) (string, error) {
	if payload == `"typed"` {
		return "", &nakama.Error{Code: nakama.FailedPrecondition, Message: "not now"}
	}
	return "", errors.New("out of luck")
}

func encoded(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
