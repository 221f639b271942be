package sqlstore

import (
	"context"
	"fmt"
	"log/slog"
)

// Provider brings tables up to date: a goose.Provider, whose module only the stores need. R is what it tells of a step.
type Provider[R any] interface {
	GetVersions(ctx context.Context) (current, newest int64, err error)
	Up(ctx context.Context) ([]R, error)
}

// Migrate brings the tables of a store up to date, and refuses those of a newer program. Log is told of a change; it may be
// nil.
func Migrate[R any](ctx context.Context, p Provider[R], store string, log *slog.Logger) error {
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > newest {
		return fmt.Errorf("the tables are of version %d, this program knows %d: it is older than they are", current, newest)
	}
	if current == newest {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	if log != nil {
		log.InfoContext(ctx, store+": tables brought up to date", "from", current, "to", newest)
	}
	return nil
}
