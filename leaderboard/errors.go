package leaderboard

import "errors"

// Errors to ask for with [errors.Is]. Any other error of this package is one of a store or of the caller's context.
var (
	// ErrNotFound means that there is no board with this id, or it is no tournament where one is needed.
	ErrNotFound = errors.New("leaderboard: no such board")
	// ErrAuthoritative means that only the host may change what is on this board.
	ErrAuthoritative = errors.New("leaderboard: board is written by the host only")
	// ErrOperator means that a client asked for an operator that the board does not allow, or it is none of the constants.
	ErrOperator = errors.New("leaderboard: board does not allow this operator")
	// ErrNegativeScore means that a score or subscore was submitted that is less than 0.
	ErrNegativeScore = errors.New("leaderboard: score is negative")
	// ErrOverflow means that the sum would be more than an int64 holds.
	ErrOverflow = errors.New("leaderboard: score is too large")
	// ErrMetadata means that metadata is neither empty nor the text of a JSON object.
	ErrMetadata = errors.New("leaderboard: metadata is not a JSON object")
	// ErrCursor means that a cursor was not made for this board and period, or with this key; or not by us at all.
	ErrCursor = errors.New("leaderboard: cursor is invalid or expired")
	// ErrLimit means that more records, owners or tournaments were asked for than may be, or a limit is negative.
	ErrLimit = errors.New("leaderboard: limit is out of range")
	// ErrBoard means that a field of a board is invalid; the text says which.
	ErrBoard = errors.New("leaderboard: board definition is invalid")
	// ErrOwner means that an owner is not 1 to 128 bytes of UTF-8.
	ErrOwner = errors.New("leaderboard: owner is missing or too long")

	// ErrValidate means that the host's [Config.Validate] failed with an error that is no [Reject], which is wrapped too.
	ErrValidate = errors.New("leaderboard: validating a score failed")

	// ErrInactive means that the tournament takes no scores and nobody in at present.
	ErrInactive = errors.New("leaderboard: tournament is not active")
	// ErrEnded means that the tournament is over for good.
	ErrEnded = errors.New("leaderboard: tournament has ended")
	// ErrNotJoined means that the owner has not joined the tournament in this period.
	ErrNotJoined = errors.New("leaderboard: owner has not joined")
	// ErrAttempts means that the owner has submitted as many scores to the tournament as it may.
	ErrAttempts = errors.New("leaderboard: no attempts left")
	// ErrFull means that the tournament has as many owners as it may have.
	ErrFull = errors.New("leaderboard: tournament is full")
)

// RejectError is a refusal of a score whose reason the player may read.
type RejectError struct {
	Reason string
}

func (e *RejectError) Error() string { return "leaderboard: score rejected: " + e.Reason }

// Reject is what [Config.Validate] returns to refuse a score. The reason reaches the client.
func Reject(reason string) error { return &RejectError{Reason: reason} }
