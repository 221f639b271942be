package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
)

// wins is the board to which the game writes a 1 for each match won.
const wins = "fish_game_wins"

// server is the host of the Fish Game.
type server struct{ *host.Host }

func newServer(ctx context.Context, o options, log *slog.Logger) (*server, http.Handler, error) {
	h, err := host.Open(ctx, host.Config{
		DB: o.db, Auth: o.auth, Gateway: o.gateway, Log: log,
		Interval: 2 * time.Second, // four players are matched at once, two or three after a few seconds
		Grace:    3 * time.Second,
		Boards:   []leaderboard.Board{{ID: wins, Sort: leaderboard.Descending, Operator: leaderboard.Increment}},
	})
	if err != nil {
		return nil, nil, err
	}
	s := &server{h}
	match.Register(s.Matches, "fish", fish{})
	gateway, err := s.Gateway(map[string]nakama.RPC{"create_match": s.createMatch})
	if err != nil {
		return nil, nil, err
	}
	return s, s.routes(gateway), nil
}

// createMatch is an RPC that makes an authoritative match and returns its id.
func (s *server) createMatch(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
	id, err := s.Matches.Create(ctx, "fish", nil)
	if err != nil {
		return "", &nakama.Error{Code: nakama.Unavailable, Message: "no new matches at the moment"}
	}
	reply, err := json.Marshal(map[string]string{"match_id": string(id)})
	return string(reply), err
}
