package postgres

import (
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// What is known after a commit has failed.
func TestUnsure(t *testing.T) {
	for name, tt := range map[string]struct {
		err     error
		unknown bool
		again   bool
	}{
		"good":                     {nil, false, false},
		"text that was never sent": {ErrText, false, false},
		"taken back":               {pgx.ErrTxCommitRollback, false, false},
		"refused by a constraint":  {&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: foreignKeyViolation}, false, false},
		"deadlock":                 {&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: deadlockDetected}, false, true},
		"serialization":            {&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: serializationFailed}, false, true},
		"the server goes down":     {&pgconn.PgError{SeverityUnlocalized: "FATAL", Code: "57P01"}, true, false},
		"the connection broke":     {io.ErrUnexpectedEOF, true, false},
		"pgx says: never sent":     {pgconn.ErrConnClosed, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := unsure(tt.err)
			require.ErrorIs(t, got, tt.err)
			require.Equal(t, tt.unknown, errors.Is(got, ErrUnknown))
			require.Equal(t, tt.again, again(got), "what is not known is not repeated")
		})
	}
}
