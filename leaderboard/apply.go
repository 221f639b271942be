package leaderboard

import (
	"cmp"
	"math"
)

// Apply computes what a write does to the record its owner has. It is where the operators are defined: every [Records]
// calls it inside its transaction, or does what it does. A nil stored means that there is no record yet. Apply keeps no
// state and does not change stored. It does not look into the strings of w; [Boards] has checked them.
//
//	operator          no score yet    score exists                   no effect when
//	Best, Descending  submitted       the larger of each component   neither is larger
//	Best, Ascending   submitted       the smaller of each component  neither is smaller
//	Set               submitted       submitted                      equal to stored
//	Increment         submitted       sum of each component          both are 0
//	Decrement         0 and 0         difference, not below 0        both are 0
//
// Score and subscore are independent, so a Best record may hold components of two different runs. The first score of
// an owner always has an effect, and in a tournament every one has: it counts. A write without effect changes nothing
// at all, neither metadata nor username; r is then the stored record and changed is false. The errors are
// [ErrNegativeScore], [ErrOverflow], [ErrNotJoined], [ErrAttempts] and, for an operator or action that is none of the
// constants, [ErrOperator]; with an error r is the zero Record.
func Apply(stored *Record, w Write) (r Record, changed bool, err error) {
	switch w.Action {
	case Submit:
		r, changed, err = submit(stored, w)
	case Enter:
		if stored != nil {
			return *stored, false, nil
		}
		r, changed = blank(w), true
	case Grant:
		r, changed, err = grant(stored, w)
	default:
		err = ErrOperator
	}
	if err != nil {
		return Record{}, false, err
	}
	if !changed {
		return r, false, nil
	}
	r.Updated = w.At
	if w.Username != "" {
		r.Username = w.Username
	}
	if w.Metadata != "" {
		r.Metadata = w.Metadata
	}
	return r, true, nil
}

// blank makes the record of an owner who has none.
func blank(w Write) Record {
	return Record{
		Board: w.Board, Owner: w.Owner, MaxNumScore: cmp.Or(w.MaxNumScore, MaxNumScore), Metadata: "{}",
		Created: w.At, Period: w.Period,
	}
}

// grant changes how many scores an owner may submit, to 0 at least.
func grant(stored *Record, w Write) (Record, bool, error) {
	if stored == nil {
		return Record{}, false, ErrNotJoined
	}
	r := *stored
	r.MaxNumScore = int32(min(max(int64(r.MaxNumScore)+int64(w.MaxNumScore), 0), math.MaxInt32))
	return r, r.MaxNumScore != stored.MaxNumScore, nil
}

func submit(stored *Record, w Write) (r Record, effect bool, err error) {
	switch {
	case w.Score < 0 || w.Subscore < 0:
		return Record{}, false, ErrNegativeScore
	case stored != nil:
		r = *stored
	case w.MustJoin:
		return Record{}, false, ErrNotJoined
	default:
		r = blank(w)
	}
	if w.Tournament && r.NumScore >= r.MaxNumScore {
		return Record{}, false, ErrAttempts
	}
	if r.NumScore == 0 {
		effect, err = true, first(&r, w)
	} else {
		effect, err = combine(&r, w)
	}
	if err != nil || !effect && !w.Tournament {
		return r, false, err
	}
	if r.NumScore < math.MaxInt32 {
		r.NumScore++
	}
	return r, true, nil
}

// first gives a record its first score.
func first(r *Record, w Write) error {
	switch w.Operator {
	case Best, Set, Increment:
		r.Score, r.Subscore = w.Score, w.Subscore
	case Decrement:
	default:
		return ErrOperator
	}
	return nil
}

// combine gives r the scores it has after w, and tells whether w has an effect. A decrement has one even where the
// scores are 0 already.
func combine(r *Record, w Write) (effect bool, err error) {
	s, u := r.Score, r.Subscore
	switch w.Operator {
	case Best:
		if w.Sort == Ascending {
			r.Score, r.Subscore = min(s, w.Score), min(u, w.Subscore)
		} else {
			r.Score, r.Subscore = max(s, w.Score), max(u, w.Subscore)
		}
	case Set:
		r.Score, r.Subscore = w.Score, w.Subscore
	case Increment:
		if s > math.MaxInt64-w.Score || u > math.MaxInt64-w.Subscore {
			return false, ErrOverflow
		}
		r.Score, r.Subscore = s+w.Score, u+w.Subscore
	case Decrement:
		r.Score, r.Subscore = max(s-w.Score, 0), max(u-w.Subscore, 0)
		return w.Score != 0 || w.Subscore != 0, nil
	default:
		return false, ErrOperator
	}
	return r.Score != s || r.Subscore != u, nil
}
