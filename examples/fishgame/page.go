package main

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/relay"
)

//go:embed page.html
var page []byte

// routes puts the page in front of the game's own routes.
func (s *server) routes(game http.Handler) http.Handler {
	status := s.status(time.Now())
	// Not a ServeMux: that would redirect what the game has an answer of its own for.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "GET /", "HEAD /":
			servePage(w, r)
		case "GET /status.json":
			status(w, r)
		default:
			game.ServeHTTP(w, r)
		}
	})
}

func servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:")
	_, _ = w.Write(page) // the browser has gone, or not
}

// status is what the page shows.
type status struct {
	UptimeSeconds int           `json:"uptime_seconds"`
	Players       int           `json:"players"`
	Waiting       int           `json:"waiting"`
	Matches       []statusMatch `json:"matches"`
	Wins          []statusWin   `json:"wins"`
}

type statusMatch struct {
	Kind    string `json:"kind"`
	Players int    `json:"players"`
	Seconds int    `json:"seconds"`
}

type statusWin struct {
	Rank int64  `json:"rank"`
	Name string `json:"name"`
	Wins int64  `json:"wins"`
}

func (s *server) status(started time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		const shown = 10
		st := status{
			UptimeSeconds: int(now.Sub(started).Seconds()),
			Players:       s.Sessions.Len(), Waiting: s.Queue.Stats().Tickets,
			Matches: []statusMatch{}, Wins: []statusWin{},
		}
		matches, err := s.Matches.List(match.ListRequest{Limit: shown})
		if err != nil {
			http.Error(w, "listing matches failed", http.StatusInternalServerError)
			return
		}
		for _, m := range matches.Matches {
			st.Matches = append(st.Matches, statusMatch{"authoritative", m.Size, int(now.Sub(m.Created).Seconds())})
		}
		for _, m := range s.Relays.List(relay.ListRequest{Limit: shown}) {
			st.Matches = append(st.Matches, statusMatch{"relayed", m.Size, int(now.Sub(m.Created).Seconds())})
		}
		top, err := s.Boards.List(r.Context(), leaderboard.ListRequest{Board: wins, Limit: shown})
		if err != nil {
			http.Error(w, "listing wins failed", http.StatusInternalServerError)
			return
		}
		for _, rec := range top.Records {
			st.Wins = append(st.Wins, statusWin{rec.Rank, rec.Username, rec.Score})
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(st) // the browser has gone, or not
	}
}
