package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of the store, as it is at one moment, to a file that must not exist yet. Everything goes on
// meanwhile, reads and writes too. The copy is a store of its own that Open opens; it is for the user of the process only,
// as the store is. When ctx ends before the copy is whole, or something fails, there is no file.
//
// Copying the file of an open store by other means gives a broken one, unless a program does it that knows SQLite.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := s.backup(ctx, path); err != nil {
		return fmt.Errorf("sqlite: backup to %s: %w", path, err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.read.closed:
		return ErrClosed
	default:
	}
	db, err := sql.Open("sqlite", source(s.path)) // those of the store are not free for so long
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return pathless(err)
	}
	if _, err = db.ExecContext(ctx, "VACUUM INTO ?", path); err == nil { // SQLite takes an empty file for none
		err = f.Sync()
	} else if ctx.Err() != nil {
		err = ctx.Err() // the driver says that it was interrupted
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
