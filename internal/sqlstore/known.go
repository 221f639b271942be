package sqlstore

import (
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// Place names a record.
type Place struct {
	Board  string
	Period time.Time
	Owner  string
}

// Known are the records that a process wrote last, so that the next score of their owners need not read them. Others may
// change them meanwhile: each is a guess. It is not safe for concurrent use.
type Known struct {
	limit   int
	records map[Place]leaderboard.Record
}

// NewKnown remembers so many records at most.
func NewKnown(limit int) *Known {
	return &Known{limit: limit, records: make(map[Place]leaderboard.Record)}
}

// Get returns what is known about a record; ok is false if that is nothing.
func (k *Known) Get(p Place) (r leaderboard.Record, ok bool) {
	r, ok = k.records[p]
	return r, ok
}

// Put remembers a record. When there are too many, any is forgotten.
func (k *Known) Put(p Place, r leaderboard.Record) {
	if _, ok := k.records[p]; !ok && len(k.records) >= k.limit {
		for other := range k.records {
			delete(k.records, other)
			break
		}
	}
	k.records[p] = r
}

// Forget makes a record unknown.
func (k *Known) Forget(p Place) { delete(k.records, p) }
