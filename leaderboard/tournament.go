package leaderboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// admits tells whether a tournament takes a write at present, and gives the write what the tournament asks for. A plain
// board takes scores always, and nothing else.
func (p *present) admits(def *Board, w *Write) error {
	if !def.IsTournament() {
		if w.Action != Submit {
			return ErrNotFound
		}
		return nil
	}
	w.Tournament, w.MaxSize = true, def.MaxSize
	w.MustJoin = def.JoinRequired
	switch {
	case w.Action == Grant:
		return nil
	case !p.active(w.At) && !def.End.IsZero() && !w.At.Before(def.End):
		return ErrEnded
	case !p.active(w.At):
		return ErrInactive
	}
	w.MaxNumScore = def.MaxNumScore
	return nil
}

// Join enters an owner into the present period of a tournament, with a record that has no score yet. Who is in already
// stays as it is; where nobody needs to join, nothing happens. The errors are [ErrOwner], [ErrNotFound] for what is no
// tournament, [ErrInactive], [ErrEnded], [ErrFull] and those of the store.
func (b *Boards) Join(ctx context.Context, tournament, owner, username string) error {
	if def, err := b.Get(tournament); err == nil && def.IsTournament() && !def.JoinRequired {
		return nil
	}
	_, err := b.change(ctx, tournament, Write{Owner: owner, Username: username, Action: Enter}, noScore)
	return err
}

// GrantAttempts lets an owner who is in the present period of a tournament submit n more scores, or fewer if n is
// negative. The errors are [ErrOwner], [ErrNotFound] for what is no tournament, [ErrNotJoined] for who has no record, and
// those of the store.
func (b *Boards) GrantAttempts(ctx context.Context, tournament, owner string, n int32) error {
	_, err := b.change(ctx, tournament, Write{Owner: owner, Action: Grant, MaxNumScore: n}, noScore)
	return err
}

// noScore is the operator of a write that is no score.
func noScore(*Board) (Operator, error) { return 0, nil }

// TournamentsRequest says which tournaments to list.
type TournamentsRequest struct {
	Category     int // from this one
	LastCategory int // to this one
	// From leaves out tournaments that start earlier; zero: none.
	From time.Time
	// Until leaves out tournaments that end later, or never. Zero: those that are over are left out.
	Until  time.Time
	Limit  int    // at most so many, up to 10,000; 0 means 100
	Cursor string // from a TournamentPage; "" begins with the first
}

// TournamentPage is a part of a list of tournaments: first those that start early, then those that end late, then by
// category and id.
type TournamentPage struct {
	Tournaments []TournamentState
	Next        string // cursor of the tournaments after this page; "" if there are none
}

// TournamentState is a tournament as it is at present.
type TournamentState struct {
	Board
	Size         int64     // owners with a record in the present period
	Open, Closed time.Time // when the present period takes scores, from and to before
	Period       time.Time // when it ends; zero: never
	Began        time.Time // the reset that it began with; zero: it is the first one
	CanEnter     bool      // it takes scores, and more owners
}

// Tournaments lists tournaments. The errors are [ErrLimit], [ErrCursor] and those of the store.
func (b *Boards) Tournaments(ctx context.Context, q TournamentsRequest) (TournamentPage, error) {
	if !limit(&q.Limit) {
		return TournamentPage{}, ErrLimit
	}
	after := ""
	if q.Cursor != "" {
		id, err := b.cursors.open(tournamentList, q.Cursor)
		if err != nil {
			return TournamentPage{}, err
		}
		after = string(id)
	}
	at := now()
	found := slices.DeleteFunc(b.All(), func(def Board) bool { return !q.wants(&def, at) })
	slices.SortFunc(found, compareTournaments)
	if after != "" {
		// The last one of the page before may be gone; then nobody knows where it was.
		last, err := b.Get(after)
		if err != nil {
			return TournamentPage{}, ErrCursor
		}
		found = slices.DeleteFunc(found, func(def Board) bool { return compareTournaments(def, last) <= 0 })
	}
	var p TournamentPage
	if len(found) > q.Limit {
		found = found[:q.Limit]
		p.Next = b.cursors.seal(tournamentList, []byte(found[q.Limit-1].ID))
	}
	for _, def := range found {
		s, err := b.state(ctx, def.ID, at)
		if errors.Is(err, ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return TournamentPage{}, err
		}
		p.Tournaments = append(p.Tournaments, s)
	}
	return p, nil
}

// tournamentList is the list that a cursor of tournaments is for.
var tournamentList = []byte("tournaments\x00")

func (q *TournamentsRequest) wants(def *Board, now time.Time) bool {
	switch {
	case !def.IsTournament(), def.Category < q.Category, def.Category > q.LastCategory, def.Start.Before(q.From):
		return false
	case !q.Until.IsZero():
		return !def.End.IsZero() && !def.End.After(q.Until)
	}
	return def.End.IsZero() || now.Before(def.End)
}

func compareTournaments(x, y Board) int {
	return cmp.Or(x.Start.Compare(y.Start), y.End.Compare(x.End), cmp.Compare(x.Category, y.Category), strings.Compare(x.ID, y.ID))
}

// state returns what a tournament is like.
func (b *Boards) state(ctx context.Context, id string, now time.Time) (TournamentState, error) {
	e, err := b.enter(id)
	if err != nil {
		return TournamentState{}, err
	}
	defer e.open.RUnlock()
	p, err := e.at(ctx, now, b.store, &b.room)
	if err != nil {
		return TournamentState{}, err
	}
	s := TournamentState{
		Board: e.def, Open: p.open, Closed: p.closed, Period: p.table.period, Began: p.began,
	}
	known, err := p.read(ctx, b.store, func(r *ranks) { s.Size = int64(r.len()) })
	if err == nil && !known {
		s.Size, err = b.store.CountRecords(ctx, p.span())
	}
	if err != nil {
		return TournamentState{}, fmt.Errorf("leaderboard: size of %q: %w", id, err)
	}
	s.CanEnter = p.active(now) && (e.def.MaxSize == 0 || s.Size < int64(e.def.MaxSize))
	return s, nil
}
