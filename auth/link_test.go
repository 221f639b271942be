package auth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

const cannotUnlink = "Cannot unlink last account identifier. Check profile exists and is not last link."

func TestLinkAndUnlink(t *testing.T) {
	s, _ := withProviders(t)
	user := device(t, s, phone).User
	shown := func() auth.Account {
		a, err := s.Account(t.Context(), user)
		require.NoError(t, err)
		return a
	}
	for range 2 { // again is no error
		require.NoError(t, s.LinkDevice(t.Context(), user, "second-device"))
		require.NoError(t, s.LinkCustom(t.Context(), user, "custom"))
		require.NoError(t, s.LinkEmail(t.Context(), strings.ToUpper(user), "Ann@Example.com", "password"))
		require.NoError(t, s.LinkProvider(t.Context(), user, auth.Steam, "of ann"))
	}
	a := shown()
	require.ElementsMatch(t, []string{phone, "second-device"}, a.Devices)
	require.Equal(t, []string{"custom", "ann@example.com", "ann"}, []string{a.CustomID, a.Email, a.SteamID})

	t.Run("each is a way in", func(t *testing.T) {
		for name, signIn := range map[string]func() (auth.Session, error){
			"email": func() (auth.Session, error) {
				return s.SignInEmail(t.Context(), "ann@example.com", "password", auth.SignIn{})
			},
			"username": func() (auth.Session, error) {
				return s.SignInEmail(t.Context(), "", "password", auth.SignIn{Username: a.Username})
			},
			"device": func() (auth.Session, error) { return s.SignInDevice(t.Context(), "second-device", auth.SignIn{}) },
			"custom": func() (auth.Session, error) { return s.SignInCustom(t.Context(), "custom", auth.SignIn{}) },
			"provider": func() (auth.Session, error) {
				return s.SignInProvider(t.Context(), auth.Steam, "of ann", auth.SignIn{})
			},
		} {
			session, err := signIn()
			require.NoError(t, err, name)
			require.Equal(t, user, session.User, name)
		}
	})
	t.Run("a new one replaces the old, but a device", func(t *testing.T) {
		require.NoError(t, s.LinkEmail(t.Context(), user, "ann@example.org", "passw0rd"))
		_, err := s.SignInEmail(t.Context(), "ann@example.com", "password", auth.SignIn{})
		require.ErrorIs(t, err, auth.ErrNotFound)
		_, err = s.SignInEmail(t.Context(), "ann@example.org", "passw0rd", auth.SignIn{})
		require.NoError(t, err)
	})
	t.Run("unlink", func(t *testing.T) {
		requireError(t, s.Unlink(t.Context(), user, auth.Device, ""), auth.CodeInvalidArgument, "A device ID must be supplied.", auth.ErrInvalid)
		requireError(t, s.Unlink(t.Context(), user, auth.Custom, "another"), auth.CodePermissionDenied, cannotUnlink, auth.ErrNotFound)
		requireError(t, s.UnlinkProvider(t.Context(), user, auth.Steam, "of bob"), auth.CodePermissionDenied, cannotUnlink, auth.ErrNotFound)
		requireError(t, s.UnlinkProvider(t.Context(), user, auth.Google, ""), auth.CodePermissionDenied, cannotUnlink, auth.ErrNotFound)
		requireError(t, s.Unlink(t.Context(), "nobody", auth.Custom, ""), auth.CodePermissionDenied, cannotUnlink, auth.ErrNotFound)
		require.NoError(t, s.Unlink(t.Context(), user, auth.Email, "ANN@example.org"))
		require.NoError(t, s.Unlink(t.Context(), user, auth.Device, "second-device"))
		require.NoError(t, s.Unlink(t.Context(), user, auth.Custom, ""))
		require.NoError(t, s.UnlinkProvider(t.Context(), user, auth.Steam, "of ann"))
		requireError(t, s.Unlink(t.Context(), user, auth.Device, phone), auth.CodePermissionDenied, cannotUnlink, auth.ErrLastIdentity)
		left := shown()
		require.Equal(t, []string{phone}, left.Devices)
		require.Empty(t, left.Email+left.CustomID+left.SteamID)
		_, err := s.SignInEmail(t.Context(), "", "passw0rd", auth.SignIn{Username: a.Username})
		require.ErrorIs(t, err, auth.ErrCredentials, "the password went with the address")
	})
}

func TestLinkRefusals(t *testing.T) {
	s, f := withProviders(t)
	user := device(t, s, phone).User
	other := device(t, s, "device-of-another").User
	require.NoError(t, s.LinkEmail(t.Context(), other, "bob@example.com", "password"))
	require.NoError(t, s.LinkCustom(t.Context(), other, "custom-bob"))
	require.NoError(t, s.LinkProvider(t.Context(), other, auth.Google, "of bob"))
	ctx := t.Context()
	for name, tt := range map[string]struct {
		err  error
		code auth.Code
		text string
		is   error
	}{
		"email taken":       {s.LinkEmail(ctx, user, "Bob@example.com", "password"), auth.CodeAlreadyExists, "Email is already in use.", auth.ErrIdentityTaken},
		"custom taken":      {s.LinkCustom(ctx, user, "custom-bob"), auth.CodeAlreadyExists, "Custom ID is already in use.", auth.ErrIdentityTaken},
		"device taken":      {s.LinkDevice(ctx, user, "device-of-another"), auth.CodeAlreadyExists, "Device ID already in use.", auth.ErrIdentityTaken},
		"provider taken":    {s.LinkProvider(ctx, user, auth.Google, "of bob"), auth.CodeAlreadyExists, "Google ID is already in use.", auth.ErrIdentityTaken},
		"no address":        {s.LinkEmail(ctx, user, "", "password"), auth.CodeInvalidArgument, "Email address and password is required.", auth.ErrInvalid},
		"no password":       {s.LinkEmail(ctx, user, "ann@example.com", ""), auth.CodeInvalidArgument, "Email address and password is required.", auth.ErrInvalid},
		"blank in address":  {s.LinkEmail(ctx, user, "a b", "x"), auth.CodeInvalidArgument, "Invalid email address, no spaces or control characters allowed.", auth.ErrInvalid},
		"short password":    {s.LinkEmail(ctx, user, "nonsense", "passwor"), auth.CodeInvalidArgument, "Password must be at least 8 characters long.", auth.ErrInvalid},
		"no address at all": {s.LinkEmail(ctx, user, "nonsense", "password"), auth.CodeInvalidArgument, "Invalid email address format.", auth.ErrInvalid},
		"short address":     {s.LinkEmail(ctx, user, "a@b.c", "password"), auth.CodeInvalidArgument, "Invalid email address, must be 10-255 bytes.", auth.ErrInvalid},
		"long password":     {s.LinkEmail(ctx, user, "ann@example.com", strings.Repeat("x", 73)), auth.CodeInvalidArgument, "Password must be at most 72 bytes long.", auth.ErrInvalid},
		"no custom id":      {s.LinkCustom(ctx, user, ""), auth.CodeInvalidArgument, "Custom ID is required.", auth.ErrInvalid},
		"blank in custom":   {s.LinkCustom(ctx, user, "cus tom"), auth.CodeInvalidArgument, "Invalid custom ID, no spaces or control characters allowed.", auth.ErrInvalid},
		"short custom id":   {s.LinkCustom(ctx, user, "short"), auth.CodeInvalidArgument, "Invalid custom ID, must be 6-128 bytes.", auth.ErrInvalid},
		"short device id":   {s.LinkDevice(ctx, user, "short"), auth.CodeInvalidArgument, "Device ID invalid, must be 10-128 bytes.", auth.ErrInvalid},
		"nobody's account":  {s.LinkCustom(ctx, strings.Replace(user, user[:8], "00000000", 1), "custom"), auth.CodeNotFound, "Account not found.", auth.ErrNotFound},
		"no account id":     {s.LinkCustom(ctx, "nobody", "custom"), auth.CodeNotFound, "Account not found.", auth.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) { requireError(t, tt.err, tt.code, tt.text, tt.is) })
	}
	a, err := s.Account(ctx, user)
	require.NoError(t, err)
	require.Equal(t, auth.Account{
		ID: a.ID, Username: a.Username, LangTag: "en", Metadata: "{}", Devices: []string{phone}, Created: a.Created, Updated: a.Updated,
	}, a, "nothing was linked")

	f.breakOn("Link")
	f.breakOn("Unlink")
	requireError(t, s.LinkCustom(ctx, user, "custom"), auth.CodeInternal, "Error while trying to link account.", errBroken)
	requireError(t, s.Unlink(ctx, user, auth.Custom, ""), auth.CodeInternal, "Error while trying to unlink account.", errBroken)
}
