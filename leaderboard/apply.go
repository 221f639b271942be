package leaderboard

import "math"

// Apply computes what a write does to the record its owner has. It is the one place where the operators are defined;
// every [Records] calls it inside its transaction. A nil stored means that there is no record yet. Apply keeps no
// state and does not change stored. It does not look into the strings of w; [Boards] has checked them.
//
//	operator          no record yet   record exists                  no effect when
//	Best, Descending  submitted       the larger of each component   neither is larger
//	Best, Ascending   submitted       the smaller of each component  neither is smaller
//	Set               submitted       submitted                      equal to stored
//	Increment         submitted       sum of each component          both are 0
//	Decrement         0 and 0         difference, not below 0        both are 0
//
// Score and subscore are independent, so a Best record may hold components of two different runs. The first write of
// an owner always has an effect. A write without effect changes nothing at all, neither metadata nor username; r is
// then the stored record and changed is false. The errors are [ErrNegativeScore], [ErrOverflow] and, for an operator
// that is none of the constants, [ErrOperator]; with an error r is the zero Record.
func Apply(stored *Record, w Write) (r Record, changed bool, err error) {
	if w.Score < 0 || w.Subscore < 0 {
		return Record{}, false, ErrNegativeScore
	}
	if stored == nil {
		r, err = first(w)
	} else {
		r, changed, err = combine(*stored, w)
		if err == nil && !changed {
			return r, false, nil
		}
	}
	if err != nil {
		return Record{}, false, err
	}
	if r.NumScore < math.MaxInt32 {
		r.NumScore++
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

// first makes the record of an owner who has none.
func first(w Write) (Record, error) {
	r := Record{Board: w.Board, Owner: w.Owner, Metadata: "{}", Created: w.At, Period: w.Period}
	switch w.Operator {
	case Best, Set, Increment:
		r.Score, r.Subscore = w.Score, w.Subscore
	case Decrement:
	default:
		return Record{}, ErrOperator
	}
	return r, nil
}

// combine returns r with the scores it has after w, and whether w has an effect. A decrement has one even where the
// scores are 0 already.
func combine(r Record, w Write) (_ Record, effect bool, err error) {
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
			return r, false, ErrOverflow
		}
		r.Score, r.Subscore = s+w.Score, u+w.Subscore
	case Decrement:
		r.Score, r.Subscore = max(s-w.Score, 0), max(u-w.Subscore, 0)
		return r, w.Score != 0 || w.Subscore != 0, nil
	default:
		return r, false, ErrOperator
	}
	return r, r.Score != s || r.Subscore != u, nil
}
