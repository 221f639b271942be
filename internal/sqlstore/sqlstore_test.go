package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
)

func TestJoin(t *testing.T) {
	ann, bob := auth.Account{ID: "1", Username: "ann"}, auth.Account{ID: "2", Username: "bob"}
	phone, tablet := auth.Identity{Kind: auth.Device, ID: "phone"}, auth.Identity{Kind: auth.Device, ID: "tablet"}
	mail := auth.Identity{Kind: auth.Email, ID: "ann@example.com", Secret: []byte("hash")}
	all := sqlstore.Join([]sqlstore.Account{
		sqlstore.Row(ann, phone), sqlstore.Row(ann, mail), sqlstore.Row(ann, tablet), sqlstore.Row(bob, auth.Identity{}),
	})
	require.Len(t, all, 2)
	require.Equal(t, []string{"phone", "tablet"}, all[0].Devices)
	require.Equal(t, mail.ID, all[0].Email)
	require.Equal(t, mail.Secret, all[0].Secret(auth.Email, mail.ID))
	require.Nil(t, all[0].Secret(auth.Email, "bob@example.com"))
	require.Nil(t, all[0].Secret(auth.Custom, mail.ID))
	require.Equal(t, "bob", all[1].Username)
	require.Empty(t, all[1].Identities)
	require.Empty(t, sqlstore.Join(nil))
}

// provider is one whose tables are of a version.
type provider struct {
	current, newest int64
	err             error
	ran             int
}

func (p *provider) GetVersions(context.Context) (current, newest int64, err error) {
	return p.current, p.newest, nil
}

func (p *provider) Up(context.Context) ([]string, error) {
	p.ran++
	return nil, p.err
}

func TestMigrate(t *testing.T) {
	full := errors.New("disk is full")
	for name, c := range map[string]struct {
		provider
		fails string
		says  string
	}{
		"new":        {provider{0, 7, nil, 0}, "", "sqlite: tables brought up to date"},
		"up to date": {provider{7, 7, nil, 0}, "", ""},
		"newer":      {provider{8, 7, nil, 0}, "the tables are of version 8, this program knows 7", ""},
		"failing":    {provider{6, 7, full, 0}, full.Error(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			p := c.provider
			err := sqlstore.Migrate(t.Context(), &p, "sqlite", slog.New(slog.NewTextHandler(&said, nil)))
			if c.fails != "" {
				require.ErrorContains(t, err, c.fails)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.current < c.newest, p.ran == 1)
			require.Contains(t, said.String(), c.says)
			require.Equal(t, c.says == "", said.Len() == 0)
		})
	}
	require.NoError(t, sqlstore.Migrate(t.Context(), &provider{newest: 1}, "sqlite", nil))
}

func TestBlob(t *testing.T) {
	require.Equal(t, []byte("x"), sqlstore.Blob([]byte("x")))
	require.NotNil(t, sqlstore.Blob(nil))
	require.Empty(t, sqlstore.Blob(nil))
}
