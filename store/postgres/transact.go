package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Errors of the server that this package knows what to do about.
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
	serializationFailed = "40001"
	deadlockDetected    = "40P01"
)

// A transaction that the server takes back because of others is tried so often, each time after a longer pause of random
// length, so that those who meet draw apart.
const (
	maxAttempts = 20
	maxPause    = 128 * time.Millisecond
)

// errAgain asks transact to take a transaction back and do it again: it met another one.
var errAgain = errors.New("postgres: met another transaction")

// conn is a connection that somebody has, or a transaction on it.
type conn interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	Begin(ctx context.Context) (pgx.Tx, error)
}

// acquire waits for a free connection.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.closed:
		return nil, ErrClosed
	default:
	}
	wait, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	c, err := s.pool.Acquire(wait)
	select {
	case <-s.closed:
		if err != nil {
			return nil, ErrClosed
		}
	default:
	}
	return c, err
}

// patience is how long a server is listened to that should have ended the statement by itself.
func (s *Store) patience() time.Duration { return 2 * s.timeout }

// read returns what scan makes of each row of a query. A key that cannot be stored is not there.
func read[T any](ctx context.Context, s *Store, scan pgx.RowToFunc[T], query string, args ...any) ([]T, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Release()
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	return collect(ctx, c, scan, query, args...)
}

// transact calls do in a transaction, and again as long as the server, or do with errAgain, takes it back. Unless do
// returns nil nothing is changed; neither is it with an error of transact, but for [ErrUnknown].
func (s *Store) transact(ctx context.Context, do func(ctx context.Context, c conn) error) error {
	return s.write(ctx, func(ctx context.Context, c conn) error {
		tx, err := c.Begin(ctx)
		if err != nil {
			return err
		}
		if err := do(ctx, tx); err != nil {
			_ = tx.Rollback(ctx) // what fails here has no transaction any more
			return err
		}
		return unsure(tx.Commit(ctx))
	})
}

// exec runs a statement as a transaction of its own, and returns the number of rows it changed. Errors are as those of
// transact.
func (s *Store) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = s.write(ctx, func(ctx context.Context, c conn) error {
		n, err = exec(ctx, c, query, args...)
		return unsure(err)
	})
	return n, err
}

// write lends a connection to do, again as long as the transaction that do makes is taken back.
func (s *Store) write(ctx context.Context, do func(ctx context.Context, c conn) error) error {
	c, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	// A caller who goes away in the middle would leave a connection that is good for nothing.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience())
	defer cancel()
	for attempt := range maxAttempts {
		if err = do(ctx, c); !again(err) || pause(ctx, attempt) != nil {
			return err
		}
	}
	return err
}

// pause waits before the next attempt.
func pause(ctx context.Context, attempt int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(min(time.Millisecond<<attempt, maxPause))):
		return nil
	}
}

// again tells whether an error means that a transaction met another one, and is taken back.
func again(err error) bool {
	return errors.Is(err, errAgain) || isCode(err, serializationFailed) || isCode(err, deadlockDetected)
}

// unsure makes the error of a commit [ErrUnknown], unless the server itself has said that nothing is changed. The last
// words of a server that goes down may come after it has committed. That pgconn.SafeToRetry says yes is no help: it does
// so for "conn closed", which is what pgx makes of a COMMIT whose answer is lost.
func unsure(err error) error {
	if err == nil || errors.Is(err, ErrText) || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	if pgErr, told := errors.AsType[*pgconn.PgError](err); told && pgErr.SeverityUnlocalized == "ERROR" {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

func isCode(err error, code string) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == code
}

// exec runs a statement and returns the number of rows it changed. It refuses text that cannot be stored with [ErrText].
func exec(ctx context.Context, c conn, query string, args ...any) (int64, error) {
	if !storable(args) {
		return 0, ErrText
	}
	tag, err := c.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

// collect returns what scan makes of each row of a query: of none if the query asks for text that cannot be stored.
func collect[T any](ctx context.Context, c conn, scan pgx.RowToFunc[T], query string, args ...any) ([]T, error) {
	if !storable(args) {
		return nil, nil
	}
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// storable tells whether all strings among args can be stored. Lists of strings are not looked at: see [storableOf].
func storable(args []any) bool {
	for _, arg := range args {
		if text, ok := arg.(string); ok && !isText(text) {
			return false
		}
	}
	return true
}

// storableOf returns those of keys that can be stored.
func storableOf(keys []string) []string {
	good := make([]string, 0, len(keys))
	for _, key := range keys {
		if isText(key) {
			good = append(good, key)
		}
	}
	return good
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
