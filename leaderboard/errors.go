package leaderboard

import "errors"

// Errors to ask for with [errors.Is]. Any other error of this package is one of a store or of the caller's context.
var (
	// ErrNotFound: there is no board with this id.
	ErrNotFound = errors.New("leaderboard: no such board")
	// ErrAuthoritative: only the host may change what is on this board.
	ErrAuthoritative = errors.New("leaderboard: board is written by the host only")
	// ErrOperator: a client asked for another operator than the board's, or the operator is none of the constants.
	ErrOperator = errors.New("leaderboard: board does not allow this operator")
	// ErrNegativeScore: a score or subscore was submitted that is less than 0.
	ErrNegativeScore = errors.New("leaderboard: score is negative")
	// ErrOverflow: the sum would be more than an int64 holds.
	ErrOverflow = errors.New("leaderboard: score is too large")
	// ErrMetadata: metadata is neither empty nor the text of a JSON object.
	ErrMetadata = errors.New("leaderboard: metadata is not a JSON object")
	// ErrCursor: a cursor was not made for this board, its present period, or with this key; or not by us at all.
	ErrCursor = errors.New("leaderboard: cursor is invalid or expired")
	// ErrLimit: more records or owners were asked for than may be, or none.
	ErrLimit = errors.New("leaderboard: limit is out of range")
	// ErrBoard: a board has a bad id or an unknown sort order or operator; the text says which.
	ErrBoard = errors.New("leaderboard: board definition is invalid")
	// ErrOwner: an owner is not 1 to 128 bytes of UTF-8.
	ErrOwner = errors.New("leaderboard: owner is missing or too long")
)
