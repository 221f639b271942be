package leaderboard

import (
	"context"
	"time"
)

// Definitions keeps the boards themselves. Safe for concurrent use. Contract: storetest.Definitions.
type Definitions interface {
	// CreateBoard stores b unless its id exists, and returns the board that is now stored.
	CreateBoard(ctx context.Context, b Board) (Board, error)
	// Boards returns all boards, in no order.
	Boards(ctx context.Context) ([]Board, error)
	// DeleteBoard removes a board and all its records. A missing one is no error.
	DeleteBoard(ctx context.Context, id string) error
}

// Records keeps the scores. A record is named by board, period and owner. Each method is one transaction, safe for
// concurrent use. When a method returns, its transaction is over, also with an error: it changes nothing later on.
// Contract: storetest.Records.
type Records interface {
	// WriteRecord reads the stored record, gives both to [Apply] and stores the result, all at once: of many
	// concurrent increments none is lost. An error of Apply is returned as it is and nothing is stored, nor is it
	// with [ErrNotFound] for a board that does not exist.
	WriteRecord(ctx context.Context, w Write) (r Record, changed bool, err error)
	// RecordsOf returns the records that exist for the owners, in no order.
	RecordsOf(ctx context.Context, board string, period time.Time, owners []string) ([]Record, error)
	// ScanRecords returns up to limit records of a board and period whose owner is greater than after, ordered by
	// owner. It is how ranks are loaded.
	ScanRecords(ctx context.Context, board string, period time.Time, after string, limit int) ([]Record, error)
	// DeleteRecord removes one record and tells whether it was there.
	DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error)
	// DeleteOwner removes all records of an owner on all boards, and returns those it removed.
	DeleteOwner(ctx context.Context, owner string) ([]Record, error)
}
