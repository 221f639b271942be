package leaderboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// MaxNumScore is how many scores an owner may submit to a tournament in one period, unless the tournament says so. Plain
// boards only tell it to clients.
const MaxNumScore = 1_000_000

// Submission is a score of an owner for a board.
type Submission struct {
	Board    string
	Owner    string    // user id, 1 to 128 bytes
	Username string    // kept with the record; "" leaves the stored one
	Score    int64     // what it does to the stored one is up to the operator; see [Apply]. Not negative
	Subscore int64     // not negative
	Metadata string    // text of a JSON object, kept with the record; "" leaves the stored one
	Operator *Operator // nil means the board's own
}

// Ranked is a record with its rank.
type Ranked struct {
	Record
	Rank int64 // 1 is the best; no two records of a board have the same. 0: not known
}

// Write writes a score for the host: on any board, with any operator. It returns the record as it is afterwards,
// changed or not. The errors are [ErrMetadata], [ErrOwner], [ErrNotFound], [ErrOperator] (unknown), [ErrNegativeScore],
// [ErrOverflow] and those of the store; after one of the store the score may or may not have been written. Of a
// tournament also [ErrInactive], [ErrEnded], [ErrNotJoined], [ErrAttempts] and [ErrFull].
//
// Rank is 0 on a board without ranks, and if the score was written, but the store could not be asked about the rank.
func (b *Boards) Write(ctx context.Context, s Submission) (Ranked, error) {
	return b.write(ctx, s, func(*Board) error { return nil })
}

// Submit writes a score as a client may: like Write, but an authoritative board is [ErrAuthoritative], an operator that
// the board does not allow [ErrOperator], and what [Config.Validate] refuses is its error.
func (b *Boards) Submit(ctx context.Context, s Submission) (Ranked, error) {
	return b.write(ctx, s, func(def *Board) error {
		switch {
		case def.Authoritative:
			return ErrAuthoritative
		case s.Operator != nil && *s.Operator != def.Operator && !def.Allowed.Has(*s.Operator):
			return ErrOperator
		case b.validate == nil:
			return nil
		}
		asked := s
		if asked.Operator == nil {
			asked.Operator = &def.Operator
		}
		return validated(b.validate(ctx, *def, asked))
	})
}

func (b *Boards) write(ctx context.Context, s Submission, allowed func(*Board) error) (Ranked, error) {
	if !validMetadata(s.Metadata) {
		return Ranked{}, ErrMetadata
	}
	w := Write{
		Owner: s.Owner, Username: s.Username, Score: s.Score, Subscore: s.Subscore, Metadata: s.Metadata,
	}
	return b.change(ctx, s.Board, w, func(def *Board) (Operator, error) {
		op := def.Operator
		if s.Operator != nil {
			op = *s.Operator
		}
		return op, allowed(def)
	})
}

// change does one write, with the operator that choose returns unless the write may not be.
func (b *Boards) change(ctx context.Context, id string, w Write, choose func(*Board) (Operator, error)) (Ranked, error) {
	e, err := b.turn(ctx, id, w.Owner)
	if err != nil {
		return Ranked{}, err
	}
	defer b.done(e, w.Owner)
	if w.Operator, err = choose(&e.def); err != nil {
		return Ranked{}, err
	}
	w.At = now()
	p, err := e.at(ctx, w.At, b.store, &b.room)
	if err != nil {
		return Ranked{}, err
	}
	if w.At.Before(p.from) { // the period began while this write was on its way to it
		w.At = p.from
	}
	if err := p.admits(&e.def, &w); err != nil {
		return Ranked{}, err
	}
	w.Board, w.Sort, w.Period = id, e.def.Sort, p.table.period
	r, _, err := b.store.WriteRecord(ctx, w)
	switch {
	case err == nil:
	case refused(err):
		return Ranked{}, err
	default:
		p.doubt(w.Owner)
		b.log.WarnContext(ctx, "leaderboard: outcome of a write unknown", "board", id, "owner", w.Owner, "err", err)
		return Ranked{}, fmt.Errorf("leaderboard: write record: %w", err)
	}
	ranked := Ranked{Record: r}
	if e.def.NoRanks {
		return ranked, nil
	}
	if ranked.Rank, err = b.put(ctx, p.table, r.Standing()); err != nil {
		b.log.WarnContext(ctx, "leaderboard: rank unknown", "board", id, "owner", w.Owner, "err", err)
	}
	return ranked, nil
}

// put enters what the store has acknowledged and returns the rank it then has.
func (b *Boards) put(ctx context.Context, t *table, s Standing) (rank int64, err error) {
	place, known := t.put(s)
	if known {
		return int64(place) + 1, nil
	}
	known, err = t.read(ctx, b.store, func(r *ranks) { place, _, _ = r.of(s.Owner) })
	if err != nil {
		return 0, err
	}
	if known {
		return int64(place) + 1, nil
	}
	return b.rankStored(ctx, t, s)
}

// refused tells whether an error of WriteRecord means that nothing was written: those of [Apply], and those that the
// store finds before it writes.
func refused(err error) bool {
	return slices.ContainsFunc([]error{
		ErrNegativeScore, ErrOverflow, ErrOperator, ErrNotFound, ErrNotJoined, ErrAttempts, ErrFull,
	}, func(known error) bool { return errors.Is(err, known) })
}

// DeleteRecord removes the record of an owner in the present period for the host. A missing one is no error. The errors
// are [ErrOwner], [ErrNotFound] for an unknown board and those of the store; after one of the store the record may or may
// not exist.
func (b *Boards) DeleteRecord(ctx context.Context, board, owner string) error {
	return b.deleteRecord(ctx, board, owner, func(*Board) error { return nil })
}

// Withdraw removes a record as its owner may: like DeleteRecord, but an authoritative board is [ErrAuthoritative].
func (b *Boards) Withdraw(ctx context.Context, board, owner string) error {
	return b.deleteRecord(ctx, board, owner, func(def *Board) error {
		if def.Authoritative {
			return ErrAuthoritative
		}
		return nil
	})
}

func (b *Boards) deleteRecord(ctx context.Context, board, owner string, allowed func(*Board) error) error {
	e, err := b.turn(ctx, board, owner)
	if err != nil {
		return err
	}
	defer b.done(e, owner)
	if err := allowed(&e.def); err != nil {
		return err
	}
	p, err := e.at(ctx, now(), b.store, &b.room)
	if err != nil {
		return err
	}
	if _, err := b.store.DeleteRecord(ctx, board, p.table.period, owner); err != nil {
		p.doubt(owner)
		b.log.WarnContext(ctx, "leaderboard: outcome of a deletion unknown", "board", board, "owner", owner, "err", err)
		return fmt.Errorf("leaderboard: delete record: %w", err)
	}
	p.drop(owner)
	return nil
}

// DeleteOwner removes all records of an owner from all boards and periods, as when the account is deleted. It may be
// repeated until it succeeds. The errors are [ErrOwner] and those of the store.
func (b *Boards) DeleteOwner(ctx context.Context, owner string) error {
	if !validID(owner) {
		return ErrOwner
	}
	if err := b.owners.take(ctx, owner); err != nil {
		return err
	}
	defer b.owners.free(owner)
	_, err := b.store.DeleteRecordsOf(ctx, owner)
	// Not only the boards of the records that were there: an earlier call that seemed to fail may have removed some.
	for _, e := range b.everyBoard() {
		e.open.RLock()
		e.settled(func(t *table) {
			if err == nil {
				t.drop(owner)
			} else {
				t.doubt(owner)
			}
		})
		e.open.RUnlock()
	}
	if err != nil {
		b.log.WarnContext(ctx, "leaderboard: outcome of a deletion unknown", "owner", owner, "err", err)
		return fmt.Errorf("leaderboard: delete owner: %w", err)
	}
	return nil
}

// turn begins a change of one owner on one board: it checks both and waits for the owner's turn. Whoever waits does not
// hold the board, so that a Delete need not wait for a queue of writers. The caller ends it with done.
func (b *Boards) turn(ctx context.Context, id, owner string) (*board, error) {
	if !validID(owner) {
		return nil, ErrOwner
	}
	if err := b.owners.take(ctx, owner); err != nil {
		return nil, err
	}
	e, err := b.enter(id)
	if err != nil {
		b.owners.free(owner)
	}
	return e, err
}

func (b *Boards) done(e *board, owner string) {
	e.open.RUnlock()
	b.owners.free(owner)
}

// validated is the error of a host's Validate.
func validated(err error) error {
	if _, rejected := errors.AsType[*RejectError](err); err == nil || rejected {
		return err
	}
	return fmt.Errorf("%w: %w", ErrValidate, err)
}
