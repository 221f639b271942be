package leaderboard

import (
	"context"
	"errors"
	"fmt"
)

// MaxNumScore is what clients are told as the largest number of writes. It is not enforced on plain boards.
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
	Rank int64 // 1 is the best; no two records of a board have the same
}

// Write writes a score for the host: on any board, with any operator. It returns the record as it is afterwards,
// changed or not. The errors are [ErrMetadata], [ErrOwner], [ErrNotFound], [ErrOperator] (unknown), [ErrNegativeScore],
// [ErrOverflow] and those of the store; after one of the store the score may or may not have been written.
//
// Rank is 0 if the score was written, but the store then could not be asked about another record in doubt.
func (b *Boards) Write(ctx context.Context, s Submission) (Ranked, error) {
	return b.write(ctx, s, func(Board) error { return nil })
}

// Submit writes a score as a client may: like Write, but an authoritative board is [ErrAuthoritative] and an operator
// other than the board's own [ErrOperator].
func (b *Boards) Submit(ctx context.Context, s Submission) (Ranked, error) {
	return b.write(ctx, s, func(def Board) error {
		switch {
		case def.Authoritative:
			return ErrAuthoritative
		case s.Operator != nil && *s.Operator != def.Operator:
			return ErrOperator
		}
		return nil
	})
}

func (b *Boards) write(ctx context.Context, s Submission, allowed func(Board) error) (Ranked, error) {
	if !validMetadata(s.Metadata) {
		return Ranked{}, ErrMetadata
	}
	t, done, err := b.turn(ctx, s.Board, s.Owner, allowed)
	if err != nil {
		return Ranked{}, err
	}
	defer done()

	w := Write{
		Board: s.Board, Owner: s.Owner, Username: s.Username, Score: s.Score, Subscore: s.Subscore, Metadata: s.Metadata,
		Sort: t.def.Sort, Operator: t.def.Operator, Period: t.period, At: now(),
	}
	if s.Operator != nil {
		w.Operator = *s.Operator
	}
	r, _, err := b.records.WriteRecord(ctx, w)
	if refused(err) {
		return Ranked{}, err
	}
	if err != nil {
		t.doubt(s.Owner)
		b.log.WarnContext(ctx, "leaderboard: outcome of a write unknown", "board", s.Board, "owner", s.Owner, "err", err)
		return Ranked{}, fmt.Errorf("leaderboard: write record: %w", err)
	}
	t.put(Standing{s.Owner, r.Score, r.Subscore})

	ranked := Ranked{Record: r}
	err = t.read(ctx, b.records, func(r *ranks) {
		place, _, _ := r.of(s.Owner)
		ranked.Rank = int64(place) + 1
	})
	if err != nil {
		b.log.WarnContext(ctx, "leaderboard: rank unknown", "board", s.Board, "owner", s.Owner, "err", err)
	}
	return ranked, nil
}

// refused tells whether an error of WriteRecord means that nothing was written: those of [Apply], and that of a board
// which has been taken from the store behind our back.
func refused(err error) bool {
	return errors.Is(err, ErrNegativeScore) || errors.Is(err, ErrOverflow) || errors.Is(err, ErrOperator) ||
		errors.Is(err, ErrNotFound)
}

// DeleteRecord removes the record of an owner for the host. A missing one is no error. The errors are [ErrOwner],
// [ErrNotFound] for an unknown board and those of the store; after one of the store the record may or may not exist.
func (b *Boards) DeleteRecord(ctx context.Context, board, owner string) error {
	return b.deleteRecord(ctx, board, owner, func(Board) error { return nil })
}

// Withdraw removes a record as its owner may: like DeleteRecord, but an authoritative board is [ErrAuthoritative].
func (b *Boards) Withdraw(ctx context.Context, board, owner string) error {
	return b.deleteRecord(ctx, board, owner, func(def Board) error {
		if def.Authoritative {
			return ErrAuthoritative
		}
		return nil
	})
}

func (b *Boards) deleteRecord(ctx context.Context, board, owner string, allowed func(Board) error) error {
	t, done, err := b.turn(ctx, board, owner, allowed)
	if err != nil {
		return err
	}
	defer done()
	if _, err := b.records.DeleteRecord(ctx, board, t.period, owner); err != nil {
		t.doubt(owner)
		b.log.WarnContext(ctx, "leaderboard: outcome of a deletion unknown", "board", board, "owner", owner, "err", err)
		return fmt.Errorf("leaderboard: delete record: %w", err)
	}
	t.drop(owner)
	return nil
}

// DeleteOwner removes all records of an owner from all boards, as when the account is deleted. It may be repeated
// until it succeeds. The errors are [ErrOwner] and those of the store.
func (b *Boards) DeleteOwner(ctx context.Context, owner string) error {
	if !validID(owner) {
		return ErrOwner
	}
	done, err := b.owners.take(ctx, owner)
	if err != nil {
		return err
	}
	defer done()
	_, err = b.records.DeleteOwner(ctx, owner)
	// Not only the boards of the records that were there: an earlier call that seemed to fail may have removed some.
	for _, t := range b.everyTable() {
		t.open.RLock()
		if err == nil {
			t.drop(owner)
		} else {
			t.doubt(owner)
		}
		t.open.RUnlock()
	}
	if err != nil {
		b.log.WarnContext(ctx, "leaderboard: outcome of a deletion unknown", "owner", owner, "err", err)
		return fmt.Errorf("leaderboard: delete owner: %w", err)
	}
	return nil
}

// turn begins a change of one owner on one board: it checks both and whether the change is allowed, and waits for the
// owner's turn. Whoever waits does not hold the board, so that a Delete need not wait for a queue of writers.
func (b *Boards) turn(ctx context.Context, board, owner string, allowed func(Board) error) (*table, func(), error) {
	if !validID(owner) {
		return nil, nil, ErrOwner
	}
	done, err := b.owners.take(ctx, owner)
	if err != nil {
		return nil, nil, err
	}
	t, err := b.enter(board)
	if err != nil {
		done()
		return nil, nil, err
	}
	end := func() { t.open.RUnlock(); done() }
	if err := allowed(t.def); err != nil {
		end()
		return nil, nil, err
	}
	return t, end, nil
}
