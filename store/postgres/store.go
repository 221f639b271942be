package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

var (
	// ErrClosed is the error of every method after Close.
	ErrClosed = errors.New("postgres: store is closed")
	// ErrUnknown means that the server was told to commit and did not answer: the change is there, or it is not.
	ErrUnknown = errors.New("postgres: it is not known whether the transaction was committed")
	// ErrText refuses to store text that a database of UTF-8 cannot hold: a zero byte, or what is no UTF-8.
	ErrText = errors.New("postgres: text has a zero byte or is not UTF-8")
)

// Config says where the database is.
type Config struct {
	// URL names the database: postgres://user:password@host:port/database, or the key=value form of libpq, with all its
	// parameters. What it leaves out comes from PGHOST and the like, as in psql. Required.
	URL string
	// Conns is how many connections there may be. 0 means 4, or one for each CPU if there are more.
	Conns int
	// Timeout is how long the server may take over one transaction, waiting for others included, and how long Open waits for a
	// connection. 0 means 5 s.
	Timeout time.Duration
	// Logger is told when Open changes the tables. nil drops it.
	Logger *slog.Logger
}

// Store implements all storage ports: [auth.Accounts], [auth.Identities], [auth.Deletions], [auth.Revocations],
// [auth.Rotations], [auth.Keys], [leaderboard.Store], [storage.Store], [notification.Store] and [match.Snapshots]. It is
// safe for concurrent use, and so is a database by many stores in many processes.
//
// A ctx bounds a read, and the wait for a free connection. A transaction that has begun to write is not interrupted by it,
// but ends within Config.Timeout: so an error of ctx means that nothing was changed.
type Store struct {
	pool    *pgxpool.Pool
	timeout time.Duration
	lanes   [lanes]*scores
	seed    maphash.Seed // of the hash that chooses the lane of an owner
	close   sync.Once
	closed  chan struct{}
}

var (
	_ auth.Accounts      = (*Store)(nil)
	_ auth.Identities    = (*Store)(nil)
	_ auth.Deletions     = (*Store)(nil)
	_ auth.Revocations   = (*Store)(nil)
	_ auth.Rotations     = (*Store)(nil)
	_ auth.Keys          = (*Store)(nil)
	_ leaderboard.Store  = (*Store)(nil)
	_ storage.Store      = (*Store)(nil)
	_ notification.Store = (*Store)(nil)
	_ match.Snapshots    = (*Store)(nil)
)

// Open connects to the database c.URL, which must exist and be of UTF-8. Tables that were made by a newer version of this
// package are refused.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.URL == "" {
		return nil, errors.New("postgres: Config.URL is empty")
	}
	s, err := open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("postgres: open: %w", err)
	}
	return s, nil
}

// statementTimeout is the setting with which the server itself ends what takes too long.
const statementTimeout = "statement_timeout"

func open(ctx context.Context, c Config) (*Store, error) {
	timeout := cmp.Or(c.Timeout, 5*time.Second)
	config, err := pgxpool.ParseConfig(c.URL) // its errors do not tell the password
	if err != nil {
		return nil, err
	}
	if c.Conns > 0 {
		config.MaxConns = int32(min(c.Conns, 1<<15)) //nolint:gosec // it fits
	}
	config.ConnConfig.ConnectTimeout = cmp.Or(config.ConnConfig.ConnectTimeout, timeout)
	if config.ConnConfig.RuntimeParams[statementTimeout] == "" {
		config.ConnConfig.RuntimeParams[statementTimeout] = strconv.FormatInt(timeout.Milliseconds(), 10)
	}
	config.AfterConnect = prepare
	if err := migrate(ctx, *config.ConnConfig, c.Logger); err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, timeout: timeout, closed: make(chan struct{}), seed: maphash.MakeSeed()}
	for i := range s.lanes {
		s.lanes[i] = newScores()
	}
	return s, nil
}

// prepare makes a new connection ready: times come back in UTC.
func prepare(_ context.Context, c *pgx.Conn) error {
	if encoding := c.PgConn().ParameterStatus("server_encoding"); encoding != "UTF8" {
		return fmt.Errorf("the database is of the encoding %s, want UTF8", encoding)
	}
	c.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// Close waits for the calls that are running and closes the connections. Closing a closed store does nothing.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.closed)
		s.pool.Close()
	})
	return nil
}
