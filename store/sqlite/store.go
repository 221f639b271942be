package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

var (
	// ErrClosed is the error of every method after Close.
	ErrClosed = errors.New("sqlite: store is closed")
	// ErrLocked is the error of Open while another Store, in this process or another, has the file: a store holds in memory
	// what it would not learn from another, ranks and who has logged out. Of any other method it means that another program
	// has kept the file to itself for 5 s, and that nothing was changed.
	ErrLocked = errors.New("sqlite: the file is in use by another process")
)

// Config says where the store is and how safe.
type Config struct {
	// Path is the file, which Open creates if there is none; the directory must exist. Required.
	Path string
	// SyncAlways makes every write wait for the disk, so that what was acknowledged survives a loss of power too.
	// False: it survives the end of the process, whatever ends it, and writes are about six times faster.
	SyncAlways bool
	// Readers is how many reads may run at once. 0 means one for each CPU that Go may use.
	Readers int
	// Logger is told when Open changes the tables. nil drops it.
	Logger *slog.Logger
}

// Store implements all storage ports: [auth.Accounts], [auth.Identities], [auth.Deletions], [auth.Revocations],
// [auth.Rotations], [auth.Keys], [leaderboard.Store], [storage.Store], [notification.Store] and [match.Snapshots]. It is
// safe for concurrent use: reads run side by side, also with a write; writes run one after the other.
//
// A ctx bounds the wait for a free connection. A transaction that has begun is not interrupted, for it takes
// microseconds: so an error of ctx means that nothing was changed, and any other error too.
type Store struct {
	path   string
	unlock func() error // gives the file to another store
	write  *pool        // a single connection
	scores scores
	read   *pool
	close  sync.Once
	err    error // of Close
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

// Open opens the store in the file c.Path, and has it alone until Close, or until the process ends, be it killed; a
// second Open is [ErrLocked]. (Only where Go has no such lock, on Solaris and the like, the host has to see to it.) A
// new file can be read and written by the user of the process only, for it holds keys and hashed passwords. A file that
// was made by a newer version of this package is refused.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Path == "" {
		return nil, errors.New("sqlite: Config.Path is empty")
	}
	s, err := open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", c.Path, locked(err))
	}
	return s, nil
}

func open(ctx context.Context, c Config) (*Store, error) {
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, err
	}
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		path = linked // a file has one lock, whatever it is called
	}
	unlock, err := lockFile(path + "-lock")
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, unlock: unlock, scores: scores{known: sqlstore.NewKnown(maxKnown)}}
	if err := s.connect(ctx, c); err != nil {
		return nil, errors.Join(err, unlock())
	}
	return s, nil
}

// connect opens the file, which is locked.
func (s *Store) connect(ctx context.Context, c Config) error {
	if err := create(s.path); err != nil {
		return err
	}
	synchronous := "NORMAL"
	if c.SyncAlways {
		synchronous = "FULL"
	}
	readers := c.Readers
	if readers <= 0 {
		readers = runtime.GOMAXPROCS(0)
	}
	var err error
	s.write, err = newPool(ctx, 1, "BEGIN IMMEDIATE", source(s.path, "journal_mode(WAL)", "synchronous("+synchronous+")", "foreign_keys(1)"),
		func(db *sql.DB) error { return migrate(ctx, db, c.Logger) })
	if err != nil {
		return err
	}
	if s.read, err = newPool(ctx, readers, "BEGIN", source(s.path, "query_only(1)"), nil); err != nil {
		return errors.Join(err, s.write.close())
	}
	return nil
}

// create makes an empty file unless there is one. SQLite would make one that others can read; its -wal and -shm files
// take the rights of this one.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return pathless(err)
	}
	return f.Close()
}

// pathless is an error without the path, where the caller names it.
func pathless(err error) error {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// source is the name of the file for the driver. Another process may hold the lock for a moment, an open sqlite3 program
// for example, so each connection waits for it.
func source(path string, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}.Encode()}
	return u.String()
}

// Close waits for the calls that are running and closes the file. Closing a closed store does nothing.
func (s *Store) Close() error {
	s.close.Do(func() { s.err = errors.Join(s.read.close(), s.write.close(), s.unlock()) })
	return s.err
}
