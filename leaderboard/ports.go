package leaderboard

import (
	"context"
	"time"
)

// Store keeps boards and scores: four roles of one store, because what one of them does to a board the others see.
type Store interface {
	Definitions
	Records
	Rankings
	Periods
}

// Definitions keeps the boards themselves. Safe for concurrent use. Contract: storetest.Definitions.
type Definitions interface {
	// CreateBoard stores b unless its id exists, and returns the board that is now stored.
	CreateBoard(ctx context.Context, b Board) (Board, error)
	// Boards returns all boards, in no order.
	Boards(ctx context.Context) ([]Board, error)
	// DeleteBoard removes a board, all its records and what is known of its periods. A missing one is no error.
	DeleteBoard(ctx context.Context, id string) error
}

// Records keeps the scores. A record is named by board, period and owner. Each method is one transaction, safe for
// concurrent use. When a method returns, its transaction is over, also with an error: it changes nothing later on.
// Contract: storetest.Records.
type Records interface {
	// WriteRecord reads the stored record, gives both to [Apply] and stores the result, all at once: of many
	// concurrent increments none is lost. An error of Apply is returned as it is and nothing is stored, nor is it
	// with [ErrNotFound] for a board that does not exist, or with [ErrFull] where a record would be new and its board
	// has w.MaxSize records in the period already (0: there is no limit). Of many concurrent writers none gets past it.
	WriteRecord(ctx context.Context, w Write) (r Record, changed bool, err error)
	// RecordsOf returns the records that exist for the owners, in no order.
	RecordsOf(ctx context.Context, board string, period time.Time, owners []string) ([]Record, error)
	// DeleteRecord removes one record and tells whether it was there.
	DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error)
	// DeleteRecordsOf removes all records of an owner on all boards, and returns those it removed.
	DeleteRecordsOf(ctx context.Context, owner string) ([]Record, error)
}

// Rankings reads records in their order: score, then subscore, then the bytes of the owner. Safe for concurrent use.
// Contract: storetest.Rankings.
type Rankings interface {
	// Standings returns the first limit standings of a span, ascending. It is how ranks are loaded.
	Standings(ctx context.Context, s Span, limit int) ([]Standing, error)
	// PageRecords returns the first limit records of a span, ascending or descending.
	PageRecords(ctx context.Context, s Span, order Sort, limit int) ([]Record, error)
	// CountRecords returns how many records are in a span.
	CountRecords(ctx context.Context, s Span) (int64, error)
}

// Periods keeps what has become of the periods of the boards. Safe for concurrent use. Contract: storetest.Periods.
type Periods interface {
	// Periods returns the periods in which a board has records, oldest first.
	Periods(ctx context.Context, board string) ([]time.Time, error)
	// DeletePeriod removes up to limit records of one period, and returns how many.
	DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (int, error)
	// Handled returns the time given to SetHandled last, or the zero Time: then, and for a board that does not exist.
	Handled(ctx context.Context, board string) (time.Time, error)
	// SetHandled keeps the time up to which the resets of a board have been dealt with. An earlier time than the one
	// kept changes nothing. [ErrNotFound] for a board that does not exist.
	SetHandled(ctx context.Context, board string, at time.Time) error
}

// Keys keeps the key that signs cursors. Contract: storetest.Keys.
type Keys interface {
	// Key returns the key stored under name. If there is none it stores candidate and returns that; of several
	// callers at once all get the same key.
	Key(ctx context.Context, name string, candidate []byte) ([]byte, error)
}

// Span is a part of a period, in ascending order of the standings.
type Span struct {
	Board  string
	Period time.Time
	After  *Standing // only what comes after it; nil: from the first
	Before *Standing // only what comes before it; nil: to the last
}

// Has tells whether a standing is in the span.
func (s Span) Has(x Standing) bool {
	return (s.After == nil || x.Compare(*s.After) > 0) && (s.Before == nil || x.Compare(*s.Before) < 0)
}
