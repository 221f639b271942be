package storage_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/storage"
)

// walk lists page by page.
func walk(t *testing.T, q storage.ListRequest, list func(storage.ListRequest) (storage.Page, error)) []string {
	t.Helper()
	var all []string
	for {
		page, err := list(q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Objects), q.Limit)
		all = append(all, keys(page.Objects)...)
		if page.Next == "" {
			return all
		}
		require.Len(t, page.Objects, q.Limit, "a page with another behind it is full")
		q.Cursor = page.Next
	}
}

func TestList(t *testing.T) {
	o, _ := newObjects(t)
	matrix(t, o)
	for _, p := range []storage.Put{save("bob", "r2w1", "{}"), save("bob", "a", "{}"), save("", "z", "{}"), save("ann", "other", "{}")} {
		p.Readers = storage.Everybody
		if p.Key == "other" {
			p.Collection = "others"
		}
		_, err := o.Write(t.Context(), []storage.Put{p})
		require.NoError(t, err)
	}
	host := func(q storage.ListRequest) (storage.Page, error) { return o.List(t.Context(), q) }
	as := func(user string) func(storage.ListRequest) (storage.Page, error) {
		return func(q storage.ListRequest) (storage.Page, error) { return o.Browse(t.Context(), user, q) }
	}
	for name, tc := range map[string]struct {
		list  func(storage.ListRequest) (storage.Page, error)
		owner *string
		want  []string
	}{
		"the host lists everybody's": {host, nil, []string{
			"a/bob", "r0w0/ann", "r0w1/ann", "r1w0/ann", "r1w1/ann", "r2w0/ann", "r2w1/ann", "r2w1/bob", "z/",
		}},
		"the host lists a user's":       {host, new("bob"), []string{"a/bob", "r2w1/bob"}},
		"the host lists the system's":   {host, new(""), []string{"z/"}},
		"own":                           {as("ann"), new("ann"), []string{"r1w0/ann", "r1w1/ann", "r2w0/ann", "r2w1/ann"}},
		"another's":                     {as("bob"), new("ann"), []string{"r2w0/ann", "r2w1/ann"}},
		"everybody's":                   {as("ann"), nil, []string{"a/bob", "r2w0/ann", "r2w1/ann", "r2w1/bob", "z/"}},
		"the system's, by a client":     {as("ann"), new(systemID), []string{"z/"}},
		"of somebody who has no object": {as("ann"), new("nobody"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int{1, 2, 3, 1000} {
				require.Equal(t, tc.want, walk(t, storage.ListRequest{Collection: "saves", Owner: tc.owner, Limit: limit}, tc.list))
			}
		})
	}
}

// Objects come and go between two pages; what stays is listed once.
func TestListGoesOnWhereItWas(t *testing.T) {
	o, _ := newObjects(t)
	put := func(key string) {
		_, err := o.Write(t.Context(), []storage.Put{save("ann", key, "{}")})
		require.NoError(t, err)
	}
	for _, key := range []string{"b", "d", "f"} {
		put(key)
	}
	q := storage.ListRequest{Collection: "saves", Limit: 1}
	page, err := o.List(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []string{"b/ann"}, keys(page.Objects))
	require.NoError(t, o.Delete(t.Context(), []storage.Removal{{ID: page.Objects[0].ID}}))
	put("a")
	put("c")
	q.Cursor, q.Limit = page.Next, 10
	page, err = o.List(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []string{"c/ann", "d/ann", "f/ann"}, keys(page.Objects))
	require.Empty(t, page.Next)
}

func TestListShowsAHundredByDefault(t *testing.T) {
	o, _ := newObjects(t)
	for i := range 102 {
		_, err := o.Write(t.Context(), []storage.Put{save("ann", fmt.Sprint(i), "{}")})
		require.NoError(t, err)
	}
	page, err := o.List(t.Context(), storage.ListRequest{Collection: "saves"})
	require.NoError(t, err)
	require.Len(t, page.Objects, 100)
	page, err = o.List(t.Context(), storage.ListRequest{Collection: "saves", Cursor: page.Next})
	require.NoError(t, err)
	require.Len(t, page.Objects, 2)
}

func TestListRefuses(t *testing.T) {
	o, _ := newObjects(t)
	_, err := o.Write(t.Context(), []storage.Put{save("ann", "a", "{}"), save("ann", "b", "{}")})
	require.NoError(t, err)
	good, err := o.List(t.Context(), storage.ListRequest{Collection: "saves", Limit: 1})
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		q   storage.ListRequest
		err error
	}{
		"no collection":              {storage.ListRequest{Limit: 1}, storage.ErrMissing},
		"no text":                    {storage.ListRequest{Collection: "\xff", Limit: 1}, storage.ErrName},
		"no owner":                   {storage.ListRequest{Collection: "saves", Owner: new("\xff"), Limit: 1}, storage.ErrOwner},
		"a negative limit":           {storage.ListRequest{Collection: "saves", Limit: -1}, storage.ErrLimit},
		"a limit too large":          {storage.ListRequest{Collection: "saves", Limit: 1001}, storage.ErrLimit},
		"no cursor":                  {storage.ListRequest{Collection: "saves", Limit: 1, Cursor: "x"}, storage.ErrCursor},
		"a cursor of a collection":   {storage.ListRequest{Collection: "save", Limit: 1, Cursor: good.Next}, storage.ErrCursor},
		"a cursor of everybody's":    {storage.ListRequest{Collection: "saves", Owner: new("ann"), Limit: 1, Cursor: good.Next}, storage.ErrCursor},
		"a cursor that was changed":  {storage.ListRequest{Collection: "saves", Limit: 1, Cursor: good.Next + "A"}, storage.ErrCursor},
		"a cursor that is long":      {storage.ListRequest{Collection: "saves", Limit: 1, Cursor: string(make([]byte, 1<<20))}, storage.ErrCursor},
		"a cursor with a line break": {storage.ListRequest{Collection: "saves", Limit: 1, Cursor: good.Next + "\n"}, storage.ErrCursor},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := o.List(t.Context(), tc.q)
			require.ErrorIs(t, err, tc.err)
			_, err = o.Browse(t.Context(), "ann", tc.q)
			require.ErrorIs(t, err, tc.err)
		})
	}
}
