package postgres

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"log/slog"
	"maps"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/shoal-go/shoal/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the number of the advisory lock that a process has while it changes the tables.
const migrationLock = 0x73686f616c // "shoal"

// migrate brings the tables up to date, one process at a time. A change of large tables may take longer than a statement
// usually does.
func migrate(ctx context.Context, c pgx.ConnConfig, log *slog.Logger) error {
	c.RuntimeParams = maps.Clone(c.RuntimeParams)
	c.RuntimeParams[statementTimeout] = "0"
	db := stdlib.OpenDB(c)
	defer db.Close() // and with the connection goes the lock
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return err
	}
	return up(ctx, db, log)
}

func up(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName("shoal_migrations"), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	return sqlstore.Migrate(ctx, p, "postgres", log)
}
