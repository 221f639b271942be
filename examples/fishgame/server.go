package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/shoal-go/shoal/examples/fishgame/arena"
	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
)

const (
	// wins is the board to which the game writes a 1 for each match won.
	wins = "fish_game_wins"
	// matchedFor is how long the seats are kept of players whom the matchmaker has brought together.
	matchedFor = 10 * time.Second
	// soon is when bots come to a player who has waited already.
	soon = time.Second
)

// server is the host of the Fish Game.
type server struct {
	*host.Host
	codes     *codes
	botsAfter time.Duration
}

func newServer(ctx context.Context, o options, log *slog.Logger) (*server, http.Handler, error) {
	rules, err := arena.Load()
	if err != nil {
		return nil, nil, err
	}
	o.gateway.Watch = true
	s := &server{codes: newCodes(time.Now), botsAfter: o.botsAfter}
	s.Host, err = host.Open(ctx, host.Config{
		DB: o.db, Auth: o.auth, Gateway: o.gateway, Key: o.watch, Log: log,
		Interval: 2 * time.Second, // four players are matched at once, two or three after a few seconds
		Matched:  s.matched,
		Grace:    3 * time.Second,
		Boards:   []leaderboard.Board{{ID: wins, Sort: leaderboard.Descending, Operator: leaderboard.Increment}},
	})
	if err != nil {
		return nil, nil, err
	}
	crew := &bots{matches: s.Matches, rules: rules}
	match.Register(s.Matches, "fish", fish{
		rules: rules, wins: o.wins, countdown: o.countdown, boards: s.Boards, fill: crew.send,
	})
	gateway, err := s.Gateway(map[string]nakama.RPC{
		"create_match": s.createMatch, "quick_match": s.quickMatch, "share_match": s.shareMatch, "find_match": s.findMatch,
	})
	if err != nil {
		return nil, nil, err
	}
	handler, err := routes(o, rules, gateway)
	return s, handler, err
}

// matched says where players play whom the matchmaker has brought together: those who ask for it in a match of the server,
// others, like the game for Godot, in a relayed one.
func (s *server) matched(ctx context.Context, r matchmaker.Result) (string, error) {
	who := make([]presence.Presence, len(r.Entries))
	for i, e := range r.Entries {
		if e.Ticket.StringProps()["mode"] != "authoritative" {
			return "", nil
		}
		who[i] = e.Presence
	}
	id, err := s.Matches.Create(ctx, "fish", opening{fill: s.botsAfter})
	if err != nil {
		return "", err
	}
	return string(id), s.Matches.Reserve(ctx, id, who, matchedFor)
}

// createMatch is an RPC that makes an authoritative match and returns its id. With {"private":true} strangers do not
// find it.
func (s *server) createMatch(ctx context.Context, _ nakama.Caller, payload string) (string, error) {
	var q struct{ Private bool }
	if payload != "" && json.Unmarshal([]byte(payload), &q) != nil {
		return "", errPayload
	}
	if q.Private {
		return s.open(ctx, opening{private: true})
	}
	return s.open(ctx, opening{fill: s.botsAfter})
}

func (s *server) open(ctx context.Context, how opening) (string, error) {
	id, err := s.Matches.Create(ctx, "fish", how)
	if err != nil {
		return "", &nakama.Error{Code: nakama.Unavailable, Message: "No new matches at the moment"}
	}
	return reply("match_id", string(id))
}

// quickMatch is an RPC for who does not want to wait: it returns a match that has not begun, with a free seat.
func (s *server) quickMatch(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
	open, err := s.Matches.List(match.ListRequest{Limit: 1, Query: "+label.mode:fish +label.open:T", Open: 1})
	if err != nil {
		return "", err
	}
	if len(open.Matches) == 0 {
		return s.open(ctx, opening{fill: min(s.botsAfter, soon)})
	}
	return reply("match_id", string(open.Matches[0].ID))
}

// shareMatch is an RPC that returns a short code for a running match of either kind.
func (s *server) shareMatch(_ context.Context, _ nakama.Caller, payload string) (string, error) {
	var q struct {
		ID string `json:"match_id"`
	}
	if json.Unmarshal([]byte(payload), &q) != nil {
		return "", errPayload
	}
	if !s.runs(q.ID) {
		return "", &nakama.Error{Code: nakama.NotFound, Message: "Match not found"}
	}
	return reply("code", s.codes.code(q.ID))
}

// runs reports whether there is such a match, of either kind.
func (s *server) runs(id string) bool {
	_, relayed := s.Relays.Get(relay.ID(id))
	_, run := s.Matches.Get(match.ID(id))
	return relayed == nil || run == nil
}

// findMatch is an RPC that returns the match of a code.
func (s *server) findMatch(_ context.Context, _ nakama.Caller, payload string) (string, error) {
	var q struct{ Code string }
	if json.Unmarshal([]byte(payload), &q) != nil {
		return "", errPayload
	}
	id, ok := s.codes.match(q.Code)
	if !ok || !s.runs(id) {
		return "", &nakama.Error{Code: nakama.NotFound, Message: "No match has this code"}
	}
	return reply("match_id", id)
}

var errPayload = &nakama.Error{Code: nakama.InvalidArgument, Message: "payload is not as expected"}

func reply(key, value string) (string, error) {
	b, err := json.Marshal(map[string]string{key: value})
	return string(b), err
}
