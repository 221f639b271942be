package leaderboard

import "context"

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
	if def, ok := b.Board(tournament); ok && def.IsTournament() && !def.JoinRequired {
		return nil
	}
	_, err := b.change(ctx, tournament, Write{Owner: owner, Username: username, Action: Enter}, allowed)
	return err
}

// GrantAttempts lets an owner who is in the present period of a tournament submit n more scores, or fewer if n is
// negative. The errors are [ErrOwner], [ErrNotFound] for what is no tournament, [ErrNotJoined] for who has no record, and
// those of the store.
func (b *Boards) GrantAttempts(ctx context.Context, tournament, owner string, n int32) error {
	_, err := b.change(ctx, tournament, Write{Owner: owner, Action: Grant, MaxNumScore: n}, allowed)
	return err
}

func allowed(*Board, *Write) error { return nil }
