package dashboard

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
)

const (
	maxBody  = 64 << 10
	maxGrace = time.Minute
	topOwned = 20 // records of a board that are shown
)

// decode reads the body of an action.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into)
	if err != nil {
		reply(w, http.StatusBadRequest, map[string]string{"error": "the body is not as expected"})
	}
	return err == nil
}

func reply(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what) // the browser has gone, or not
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusConflict
	if errors.Is(err, match.ErrNotFound) || errors.Is(err, matchmaker.ErrNotFound) || errors.Is(err, leaderboard.ErrNotFound) {
		status = http.StatusNotFound
	}
	reply(w, status, map[string]string{"error": err.Error()})
}

// kick removes a member by its session.
func (p *page) kick(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID      match.ID `json:"id"`
		Session string   `json:"session"`
	}
	if !decode(w, r, &q) {
		return
	}
	f, err := p.domains.Matches.Figures(q.ID)
	if err != nil {
		fail(w, err)
		return
	}
	i := slices.IndexFunc(f.Players, func(one match.PlayerFigures) bool { return one.Session == q.Session })
	if i < 0 {
		reply(w, http.StatusNotFound, map[string]string{"error": "is not a member any more"})
		return
	}
	p.done(w, r, "kick", q.ID, p.domains.Matches.Kick(q.ID, f.Players[i].Presence), struct{}{})
}

// end ends a match, at once or with a grace.
func (p *page) end(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID    match.ID `json:"id"`
		Grace float64  `json:"grace"` // seconds
	}
	if !decode(w, r, &q) {
		return
	}
	grace := min(max(time.Duration(q.Grace*float64(time.Second)), 0), maxGrace)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(grace + writeWait))
	p.done(w, r, "end", q.ID, p.domains.Matches.End(r.Context(), q.ID, grace), struct{}{})
}

// signal gives a match a text, and shows its reply.
func (p *page) signal(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID   match.ID `json:"id"`
		Data string   `json:"data"`
	}
	if !decode(w, r, &q) {
		return
	}
	answer, err := p.domains.Matches.Signal(r.Context(), q.ID, q.Data)
	p.done(w, r, "signal", q.ID, err, map[string]string{"reply": answer})
}

// done answers an action, and leaves a line of it in the log and in the events.
func (p *page) done(w http.ResponseWriter, r *http.Request, what string, id match.ID, err error, answer any) {
	p.log.InfoContext(r.Context(), "dashboard: "+what, "match", id, "remote", r.RemoteAddr, "error", err)
	if err != nil {
		fail(w, err)
		return
	}
	p.journal.note(id, event{Kind: "dashboard", What: what})
	reply(w, http.StatusOK, answer)
}

// explain says why a ticket waits.
func (p *page) explain(w http.ResponseWriter, r *http.Request) {
	e, err := p.domains.Matchmaker.Explain(r.URL.Query().Get("ticket"))
	if err != nil {
		fail(w, err)
		return
	}
	reply(w, http.StatusOK, newExplanation(e))
}

// board shows the best of a board.
func (p *page) board(w http.ResponseWriter, r *http.Request) {
	found, err := p.domains.Boards.List(r.Context(), leaderboard.ListRequest{Board: r.URL.Query().Get("id"), Limit: topOwned})
	if err != nil {
		fail(w, err)
		return
	}
	v := struct {
		Records int64        `json:"records"`
		Rows    []recordView `json:"rows"`
	}{found.RankCount, []recordView{}}
	for _, one := range found.Records {
		v.Rows = append(v.Rows, recordView{
			Rank: one.Rank, Owner: one.Owner, Name: one.Username, Score: one.Score, Subscore: one.Subscore,
			Writes: one.NumScore, Updated: one.Updated.UnixMilli(),
		})
	}
	reply(w, http.StatusOK, v)
}

type recordView struct {
	Rank     int64  `json:"rank"`
	Owner    string `json:"owner"`
	Name     string `json:"name,omitempty"`
	Score    int64  `json:"score"`
	Subscore int64  `json:"subscore,omitempty"`
	Writes   int32  `json:"writes"`
	Updated  int64  `json:"updated"` // ms
}

// explanationView is why a ticket waits.
type explanationView struct {
	Ticket     ticketView       `json:"ticket"`
	Runs       int              `json:"runs"`
	Held       bool             `json:"held"`
	Others     int              `json:"others"`
	Candidates int              `json:"candidates"`
	Group      []string         `json:"group,omitempty"`
	Refused    int              `json:"refused"`
	Conflicts  int              `json:"conflicts"`
	Helps      []relaxationView `json:"helps"`
	Obstacles  []obstacleView   `json:"obstacles"`
}

type relaxationView struct {
	Term       string `json:"term"`
	Candidates int    `json:"candidates"`
}

type obstacleView struct {
	Ticket string   `json:"ticket"`
	Shared bool     `json:"shared,omitempty"`
	Sizes  bool     `json:"sizes,omitempty"`
	Mine   []string `json:"mine,omitempty"`
	Theirs []string `json:"theirs,omitempty"`
}

func newExplanation(e matchmaker.Explanation) explanationView {
	v := explanationView{
		Ticket: newTicket(e.Ticket, e.Ticket.Created.Add(e.Waited)), Runs: e.Runs, Held: e.Held, Others: e.Others,
		Candidates: len(e.Candidates), Group: e.Group, Refused: e.Refused, Conflicts: len(e.Conflicts),
		Helps: []relaxationView{}, Obstacles: []obstacleView{},
	}
	for _, r := range e.Relaxations {
		v.Helps = append(v.Helps, relaxationView(r))
	}
	for _, o := range e.Obstacles[:min(len(e.Obstacles), topOwned)] {
		v.Obstacles = append(v.Obstacles, obstacleView(o))
	}
	return v
}
