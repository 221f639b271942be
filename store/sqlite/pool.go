package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pool lends out connections to the file. All transactions of a pool begin with the same statement.
type pool struct {
	begin  string
	db     *sql.DB
	size   int           // how many connections there are
	free   chan *conn    // those that nobody uses
	closed chan struct{} // closed when no more connections are lent
}

// newPool opens n connections. Prepare, if not nil, runs before.
func newPool(ctx context.Context, n int, begin, source string, prepare func(*sql.DB) error) (*pool, error) {
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	p := &pool{begin: begin, db: db, free: make(chan *conn, n), closed: make(chan struct{})}
	if prepare != nil {
		if err := prepare(db); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	for range n {
		c, err := db.Conn(ctx)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.free <- &conn{Conn: c, stmts: make(map[string]*sql.Stmt)}
		p.size++
	}
	return p, nil
}

// transact lends a connection to do, between the statement that begins a transaction and the one that ends it: COMMIT if
// do returns nil, else ROLLBACK.
func (p *pool) transact(ctx context.Context, do func(c *conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *conn
	select {
	case <-p.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case c = <-p.free:
	}
	defer func() { p.free <- c }()
	return c.transact(p.begin, func() error { return do(c) })
}

// close waits for the connections that are lent and closes all. It must not be called twice.
func (p *pool) close() error {
	close(p.closed)
	var errs []error
	for range p.size {
		errs = append(errs, (<-p.free).close())
	}
	return errors.Join(append(errs, p.db.Close())...)
}

// conn is a connection and the statements that were prepared on it. It belongs to whom the pool has lent it.
type conn struct {
	*sql.Conn
	stmts map[string]*sql.Stmt
}

// transact calls do between the statement that begins a transaction and the one that ends it.
func (c *conn) transact(begin string, do func() error) error {
	if _, err := c.exec(begin); err != nil {
		return locked(err)
	}
	done := false
	defer func() {
		if !done {
			_, _ = c.exec("ROLLBACK") // fails only if SQLite has already done it
		}
	}()
	if err := do(); err != nil {
		return err
	}
	if _, err := c.exec("COMMIT"); err != nil {
		return err
	}
	done = true
	return nil
}

// locked makes the error of a file that another process has one that callers know.
func locked(err error) error {
	if sqlErr, ok := errors.AsType[*sqlite.Error](err); ok && sqlErr.Code()&0xff == sqlite3.SQLITE_BUSY {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// prepared returns the statement of a query, which must be one of the constants of this package: they are kept.
func (c *conn) prepared(query string) (*sql.Stmt, error) {
	if stmt := c.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// exec runs a statement and returns the number of rows it changed.
func (c *conn) exec(query string, args ...any) (int64, error) {
	stmt, err := c.prepared(query) //nolint:sqlclosecheck // it is closed with the connection
	if err != nil {
		return 0, err
	}
	result, err := stmt.Exec(args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query calls scan for each row of the result.
func (c *conn) query(scan func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := c.prepared(query) //nolint:sqlclosecheck // it is closed with the connection
	if err != nil {
		return err
	}
	rows, err := stmt.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c *conn) close() error {
	var errs []error
	for _, stmt := range c.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}
