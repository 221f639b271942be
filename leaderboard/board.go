package leaderboard

import (
	"cmp"
	"strings"
	"time"
)

// Sort says which scores are good.
type Sort uint8

// Sort orders.
const (
	Descending Sort = iota // high scores first
	Ascending              // low scores first
)

// Operator says what a new score does to the stored one.
type Operator uint8

// Operators. The rules are in [Apply].
const (
	Best      Operator = iota // keep the better one
	Set                       // replace it
	Increment                 // add to it
	Decrement                 // subtract from it, not below zero
)

// Operators is a set of operators.
type Operators uint8

// OperatorSet returns the set of these operators.
func OperatorSet(ops ...Operator) Operators {
	var set Operators
	for _, op := range ops {
		set |= 1 << op
	}
	return set
}

// Has tells whether an operator is in the set.
func (o Operators) Has(op Operator) bool { return op <= Decrement && o&(1<<op) != 0 }

// Board defines a leaderboard. It does not change once created. Times, here and in records, are UTC with second
// precision.
type Board struct {
	ID            string // 1 to 128 bytes of UTF-8
	Authoritative bool   // only the host writes; clients may only read
	Sort          Sort
	Operator      Operator
	// Allowed are operators that clients may ask for besides the board's own. None: it is Operator or nothing.
	Allowed Operators
	// NoRanks keeps no ranks. Pages still number their records; who asks for an owner, or writes, gets no rank.
	NoRanks bool
	// Reset says when a period ends and the next one begins, as a cron expression in UTC of up to 64 bytes: minute,
	// hour, day of month, month, weekday; a sixth field is the year; with seven the first is the second; or @daily and
	// the like. A reset deletes nothing: records of past periods can still be read. "": the board never resets.
	Reset string
	// Keep is how many past periods are kept; Run deletes older ones. 0 keeps all.
	Keep     int
	Metadata string // text of a JSON object; "" is stored as "{}"
	Created  time.Time

	Tournament // if its Duration is not 0
}

// Tournament is what a board has more that can be played only for some time in each period, and perhaps not by everyone.
type Tournament struct {
	Title       string
	Description string
	Category    int // 0 to 127; clients list by it
	// Start is when the first period begins; zero becomes the time of creation. End is when the last one ends; zero:
	// never. Without a Reset there is only one period.
	Start, End time.Time
	// Duration is for how long scores are accepted, from the beginning of each period: whole seconds. 0: this is no
	// tournament, and all fields must be zero.
	Duration time.Duration
	// MaxSize is how many owners may have a record in a period. 0: any number.
	MaxSize int
	// MaxNumScore is how many scores an owner may submit in a period. 0 means [MaxNumScore].
	MaxNumScore int32
	// JoinRequired lets only those submit scores who have joined in the same period.
	JoinRequired bool
}

// IsTournament tells whether a board is a tournament.
func (b *Board) IsTournament() bool { return b.Duration != 0 }

// Record is what one owner has on one board.
type Record struct {
	Board       string
	Owner       string // user id, 1 to 128 bytes of UTF-8
	Username    string // the name at the last effective write
	Score       int64  // never negative
	Subscore    int64  // never negative; orders equal scores
	NumScore    int32  // effective writes; in a tournament all that were accepted, and 0 for who has only joined
	MaxNumScore int32  // how many there may be; kept to in tournaments only
	Metadata    string // text of a JSON object
	Created     time.Time
	Updated     time.Time
	Period      time.Time // when the period ends in which the record counts; zero if it never does
}

// Standing is an owner with the scores it is ranked by.
type Standing struct {
	Owner           string
	Score, Subscore int64
}

// Standing is what a record is ranked by.
func (r *Record) Standing() Standing { return Standing{r.Owner, r.Score, r.Subscore} }

// Compare orders standings, ascending: by score, subscore and the bytes of the owner.
func (s Standing) Compare(other Standing) int {
	return cmp.Or(cmp.Compare(s.Score, other.Score), cmp.Compare(s.Subscore, other.Subscore),
		strings.Compare(s.Owner, other.Owner))
}

// Action says what a [Write] is for.
type Action uint8

// Actions.
const (
	Submit Action = iota // a score
	Enter                // a record without a score, for who joins a tournament
	Grant                // more scores that an owner may submit to a tournament
)

// Write is one change of one record as a store sees it. Hosts and gateways make a [Submission].
type Write struct {
	Board    string
	Owner    string
	Username string // "" leaves the stored one
	Score    int64
	Subscore int64
	Metadata string // "" leaves the stored one ("{}" for a new record)
	Sort     Sort
	Operator Operator
	Period   time.Time
	At       time.Time

	Action      Action
	Tournament  bool  // every accepted score counts, up to the record's MaxNumScore
	MaxNumScore int32 // that of a new record, or how many more are granted
	MaxSize     int   // records that the period may have; 0: any number
	MustJoin    bool  // a score needs a record
}
