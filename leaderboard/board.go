package leaderboard

import "time"

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

// Board defines a leaderboard. It does not change once created. Times, here and in records, are UTC with second
// precision.
type Board struct {
	ID            string // 1 to 128 bytes of UTF-8
	Authoritative bool   // only the host writes; clients may only read
	Sort          Sort
	Operator      Operator
	Metadata      string // text of a JSON object; "" is stored as "{}"
	Created       time.Time
}

// Record is what one owner has on one board.
type Record struct {
	Board    string
	Owner    string // user id, 1 to 128 bytes of UTF-8
	Username string // the name at the last effective write
	Score    int64  // never negative
	Subscore int64  // never negative; orders equal scores
	NumScore int32  // effective writes
	Metadata string // text of a JSON object
	Created  time.Time
	Updated  time.Time
	Period   time.Time // when the period ends in which the record counts; zero on a board that never resets
}

// Standing is an owner with the scores it is ranked by.
type Standing struct {
	Owner           string
	Score, Subscore int64
}

// Write is one submitted score as a store sees it. Hosts and gateways make a [Submission].
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
}
