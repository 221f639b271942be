package sqlite_test

import (
	"bytes"
	"database/sql"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/store/sqlite"
)

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(text, bytes.Repeat([]byte("this is no database\n"), 500), 0o600))
	for name, tc := range map[string]struct {
		path string
		says string
		is   error
	}{
		"no path":           {"", "Config.Path is empty", nil},
		"missing directory": {filepath.Join(dir, "nowhere", "shoal.db"), "nowhere", fs.ErrNotExist},
		"a directory":       {dir, dir, nil},
		"not a database":    {text, "not a database", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: tc.path})
			require.Nil(t, s)
			require.ErrorContains(t, err, tc.says)
			require.ErrorContains(t, err, tc.path)
			if tc.is != nil {
				require.ErrorIs(t, err, tc.is)
			}
		})
	}
	content, err := os.ReadFile(text)
	require.NoError(t, err)
	require.Len(t, content, 20*500, "a foreign file must not be touched")
	require.NoFileExists(t, text+"-lock")
	require.NoDirExists(t, filepath.Join(dir, "nowhere"))
}

func TestOpenTakesAnyFileName(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plain.db", "with space", "a?b=c&d", "a#b", "100%", "%41", "příliš žluťoučký", "it's", `"q"`, ":memory:", "file:x"} {
		if runtime.GOOS == "windows" && bytes.ContainsAny([]byte(name), `?":`) {
			continue
		}
		path := filepath.Join(dir, name)
		for range 2 {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			require.NoError(t, err, name)
			key, err := s.Key(t.Context(), "name", []byte(name))
			require.NoError(t, err)
			require.Equal(t, name, string(key))
			require.NoError(t, s.Close())
			require.FileExists(t, path)
		}
	}
}

func TestOpenTakesRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	openFile(t, "here.db")
	require.FileExists(t, "here.db")
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // rights are inherited from the directory there
	}
	path := filepath.Join(t.TempDir(), "shoal.db")
	openFile(t, path)
	for _, suffix := range []string{"", "-wal", "-shm", "-lock"} {
		info, err := os.Stat(path + suffix)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), path+suffix)
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, "shoal.db")})
	require.NoError(t, err)
	_, err = s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestOpenTellsTheLoggerOnce(t *testing.T) {
	var out bytes.Buffer
	c := sqlite.Config{Path: filepath.Join(t.TempDir(), "shoal.db"), Logger: slog.New(slog.NewTextHandler(&out, nil))}
	for range 2 {
		s, err := sqlite.Open(t.Context(), c)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")), out.String())
		require.Contains(t, out.String(), "from=0 to=")
	}
}

func TestOpenTakesAnEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s := openFile(t, path)
	all, err := s.Boards(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}

// provider gives the migrations of this directory to a test that wants to run some of them.
func provider(t *testing.T, path string) (*goose.Provider, *sql.DB) {
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"),
		goose.WithTableName("shoal_migrations"), goose.WithLogger(goose.NopLogger()))
	require.NoError(t, err)
	return p, db
}

func TestOpenUpgradesAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	p, db := provider(t, path)
	_, err := p.UpTo(t.Context(), 1)
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO users VALUES ('1', 'ann', '', '', 'en', '', '', '{}', 0, 0, -62135596800)`)
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO identities (kind, id, user_id) VALUES ('device', 'phone', '1')`)
	require.NoError(t, err)

	s := openFile(t, path)
	a, _, err := s.AccountByIdentity(t.Context(), auth.Device, "phone")
	require.NoError(t, err)
	require.Equal(t, "ann", a.Username)
	require.True(t, a.Disabled.IsZero())
	_, err = s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
}

// A file of the time before there were objects and notifications.
func TestOpenUpgradesAFileOfVersionTwo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	p, db := provider(t, path)
	_, err := p.UpTo(t.Context(), 2)
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO boards VALUES ('wins', 0, 0, 2, '{}', 0)`)
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO records VALUES ('wins', -62135596800, 'ann', 'ann', 7, 0, 7, '{}', 0, 0)`)
	require.NoError(t, err)

	s := openFile(t, path)
	records, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"})
	require.NoError(t, err)
	require.EqualValues(t, 7, records[0].Score)
	_, err = s.WriteObjects(t.Context(), []storage.Write{{
		Put: storage.Put{ID: storage.ID{Collection: "saves", Key: "slot", Owner: "ann"}, Value: "{}"},
	}})
	require.NoError(t, err)
	added, err := s.AddNotifications(t.Context(), []notification.Notification{{ID: "1", User: "ann"}})
	require.NoError(t, err)
	require.EqualValues(t, 1, added[0].Seq)
}

// A file of the time before snapshots had versions: its matches go on.
func TestOpenUpgradesSnapshots(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	p, db := provider(t, path)
	_, err := p.UpTo(t.Context(), 7)
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO snapshots VALUES ('a', 3, X'01', X'02')`)
	require.NoError(t, err)

	s := openFile(t, path)
	m, err := s.LoadSnapshot(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, match.Snapshot{ID: "a", Epoch: 3, Version: 1, Head: []byte{1}, State: []byte{2}}, m)
	m.Version = 2
	require.NoError(t, s.SaveSnapshot(t.Context(), m))
}

func TestMigrationsGoDownAndUp(t *testing.T) {
	p, db := provider(t, filepath.Join(t.TempDir(), "shoal.db"))
	for range 2 {
		_, err := p.Up(t.Context())
		require.NoError(t, err)
		_, err = p.DownTo(t.Context(), 0)
		require.NoError(t, err)
		var left int
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM sqlite_schema
			WHERE name NOT LIKE 'shoal_migrations' AND name NOT LIKE 'sqlite_%'`).Scan(&left))
		require.Zero(t, left)
	}
}

func TestOpenRefusesANewerFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	p, db := provider(t, path)
	_, err := p.Up(t.Context())
	require.NoError(t, err)
	_, err = db.Exec(`INSERT INTO shoal_migrations (version_id, is_applied) VALUES (99, 1)`)
	require.NoError(t, err)
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorContains(t, err, "version 99")
	require.ErrorContains(t, err, path)
}
