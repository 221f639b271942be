package auth_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

func TestAccount(t *testing.T) {
	s, f := start(t)
	user := device(t, s, phone).User
	for name, id := range map[string]string{"as it is": user, "upper case": strings.ToUpper(user)} {
		t.Run(name, func(t *testing.T) {
			a, err := s.Account(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, user, a.ID)
		})
	}
	for name, id := range map[string]string{"unknown": uuid.NewString(), "not an id": "x", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Account(t.Context(), id)
			requireError(t, err, auth.CodeNotFound, "Account not found.", auth.ErrNotFound)
		})
	}
	f.breakOn("AccountsByID")
	_, err := s.Account(t.Context(), user)
	requireError(t, err, auth.CodeInternal, "Error finding user account.", errBroken)
}

func TestUpdateAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := start(t)
		ctx := t.Context()
		user := device(t, s, phone).User
		other := device(t, s, "device-0002")

		time.Sleep(90*time.Second + 500*time.Millisecond)
		update := auth.Update{Username: new("ann"), DisplayName: new("Ann"), LangTag: new("de"), Metadata: new(`{"a":1}`)}
		require.NoError(t, s.UpdateAccount(ctx, user, update))
		a, err := s.Account(ctx, user)
		require.NoError(t, err)
		require.Equal(t, time.Now().UTC().Truncate(time.Second), a.Updated)
		require.Equal(t, [4]string{"ann", "Ann", "de", `{"a":1}`}, [4]string{a.Username, a.DisplayName, a.LangTag, a.Metadata})

		require.NoError(t, s.UpdateAccount(ctx, user, auth.Update{Username: new("ann")}), "the same name")
		err = s.UpdateAccount(ctx, user, auth.Update{Username: &other.Username, DisplayName: new("x")})
		requireError(t, err, auth.CodeAlreadyExists, "Username is already in use.", auth.ErrUsernameTaken)
		same, err := s.Account(ctx, user)
		require.NoError(t, err)
		require.Equal(t, a, same)

		for _, id := range []string{uuid.NewString(), "x"} {
			err = s.UpdateAccount(ctx, id, auth.Update{DisplayName: new("x")})
			requireError(t, err, auth.CodeNotFound, "Account not found.", auth.ErrNotFound)
		}
		f.breakOn("UpdateAccount")
		err = s.UpdateAccount(ctx, user, auth.Update{DisplayName: new("x")})
		requireError(t, err, auth.CodeInternal, "Error while trying to update account.", errBroken)
	})
}

func TestUsers(t *testing.T) {
	s, f := start(t)
	ctx := t.Context()
	ann, bob, cid := device(t, s, "device-ann"), device(t, s, "device-bob"), device(t, s, "device-cid")
	anns := []string{"ann of facebook"}
	require.NoError(t, f.Link(ctx, ann.User, auth.Identity{Kind: auth.Facebook, ID: anns[0]}, time.Now()))
	for _, c := range []struct {
		name       string
		ids, names []string
		facebook   []string
		want       []auth.Session
	}{
		{"nothing asked", nil, nil, nil, nil},
		{"by id", []string{ann.User, bob.User}, nil, nil, []auth.Session{ann, bob}},
		{"by name", nil, []string{ann.Username, cid.Username}, nil, []auth.Session{ann, cid}},
		{"by Facebook id", nil, nil, anns, []auth.Session{ann}},
		{"all, overlapping", []string{ann.User, bob.User}, []string{bob.Username, cid.Username}, anns, []auth.Session{ann, bob, cid}},
		{
			"repeated",
			[]string{ann.User, strings.ToUpper(ann.User)},
			[]string{ann.Username, ann.Username},
			append(anns, anns...),
			[]auth.Session{ann},
		},
		{"missing ones", []string{uuid.NewString(), ann.User}, []string{"who"}, []string{"who"}, []auth.Session{ann}},
		{"another case of name", nil, []string{ann.Username + "A"}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := s.Users(ctx, c.ids, c.names, c.facebook)
			require.NoError(t, err)
			var got, want []string
			for _, a := range found {
				got = append(got, a.ID)
			}
			for _, session := range c.want {
				want = append(want, session.User)
			}
			require.ElementsMatch(t, want, got)
		})
	}
	t.Run("bad id", func(t *testing.T) {
		_, err := s.Users(ctx, []string{ann.User, "x"}, nil, nil)
		requireError(t, err, auth.CodeInvalidArgument, "ID 'x' is not a valid system ID.", auth.ErrInvalid)
	})
	t.Run("too many Facebook ids", func(t *testing.T) {
		_, err := s.Users(ctx, nil, nil, make([]string, 101))
		requireError(t, err, auth.CodeInvalidArgument, "Too many Facebook IDs.", auth.ErrInvalid)
	})
	t.Run("arguments are left alone", func(t *testing.T) {
		names := []string{"z", "a", "z"}
		_, err := s.Users(ctx, nil, names, names)
		require.NoError(t, err)
		require.Equal(t, []string{"z", "a", "z"}, names)
	})
	for _, method := range []string{"AccountsByID", "AccountsByUsername", "AccountByIdentity"} {
		t.Run(method, func(t *testing.T) {
			f.breakOn(method)
			defer delete(f.fail, method)
			_, err := s.Users(ctx, []string{ann.User}, []string{"ann"}, []string{"1"})
			requireError(t, err, auth.CodeInternal, "Error finding user account.", errBroken)
		})
	}
}

func TestDeleteAccount(t *testing.T) {
	s, f := start(t)
	ctx := t.Context()
	old, bob := device(t, s, phone), device(t, s, "device-bob")

	f.breakOn("DeleteAccount")
	requireError(t, s.DeleteAccount(ctx, old.User), auth.CodeInternal, "Error while trying to delete account.", errBroken)
	delete(f.fail, "DeleteAccount")

	// Somebody signs in while the account is being deleted.
	var late auth.Session
	f.before = func(method string) {
		if method == "DeleteAccount" {
			late = device(t, s, phone)
		}
	}
	require.NoError(t, s.DeleteAccount(ctx, old.User))
	f.before = nil
	require.Equal(t, old.User, late.User)
	require.False(t, alive(t, s, old))
	require.False(t, alive(t, s, late))
	require.True(t, alive(t, s, bob))
	_, err := s.Account(ctx, old.User)
	requireError(t, err, auth.CodeNotFound, "Account not found.", auth.ErrNotFound)

	again := device(t, s, phone)
	require.True(t, again.Created, "the device is free")
	require.NotEqual(t, old.User, again.User)

	require.NoError(t, s.DeleteAccount(ctx, old.User), "again")
	require.NoError(t, s.DeleteAccount(ctx, "x"))
	require.True(t, alive(t, s, again))
}
