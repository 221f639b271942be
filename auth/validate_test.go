package auth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

func TestSignInEmailValidation(t *testing.T) {
	const (
		control = "Invalid email address, no spaces or control characters allowed."
		format  = "Invalid email address format."
		length  = "Invalid email address, must be 10-255 bytes."
		short   = "Password must be at least 8 characters long."
		neither = "Username is required when email address is not supplied."
		name    = "Username invalid, no spaces or control characters allowed."
		long    = "Username invalid, must be 1-128 bytes."
	)
	for _, c := range []struct {
		name, email, password, username string
		want                            string // "" if it is accepted
	}{
		{"blank", "a b@example.com", password, "", control},
		{"tab", "ab@example.com\t", password, "", control},
		{"delete character", "ab\x7f@example.com", password, "", control},
		{"not UTF-8", "ab\xff@example.com", password, "", control},
		{"blank wins over format", "a b", password, "", control},
		{"no at", "abcdefghijk", password, "", format},
		{"nothing before the at", "@example.com", password, "", format},
		{"nothing between", "abcdefgh@.com", password, "", format},
		{"nothing after the dot", "abcdefgh@com.", password, "", format},
		{"dot only before the at", "abc.defgh@com", password, "", format},
		{"format wins over length", "a", password, "", format},
		{"9 bytes", "abc@de.fg", password, "", length},
		{"10 bytes", "abcd@de.fg", password, "", ""},
		{"255 bytes", strings.Repeat("a", 250) + "@b.cd", password, "", ""},
		{"256 bytes", strings.Repeat("a", 251) + "@b.cd", password, "", length},
		{"two ats", "abcdef@b@c.d", password, "", ""},
		{"leading at", "@abcdef@c.de", password, "", ""},
		{"not ASCII", "ännchen@exämple.de", password, "", ""},
		{"email wins over password", "abc@de.fg", "", "", length},
		{"7 bytes", ann, "1234567", "", short},
		{"bytes, not characters", ann, "äöüß", "", ""},
		{"nothing at all", "", "", "", short},
		{"password wins over username", "", "1234567", "", short},
		{"neither name", "", password, "", neither},
		{"control in username", ann, password, "a\nb", name},
		{"NUL in username", ann, password, "a\x00b", name},
		{"username not UTF-8", ann, password, "a\xc3", name},
		{"control in username, no email", "", password, "\x1b", name},
		{"control wins over length", ann, password, strings.Repeat("\n", 129), name},
		{"username 129 bytes", ann, password, strings.Repeat("u", 129), long},
		{"username 129 bytes, no email", "", password, strings.Repeat("u", 129), long},
		{"username 128 bytes", ann, password, strings.Repeat("u", 128), ""},
		{"username with blanks", ann, password, " sp ace x ", ""},
		{"username with brackets", ann, password, "[]clan[]", ""},
		{"username not ASCII", ann, password, "Änn\u00a0é", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := start(t)
			_, err := s.SignInEmail(t.Context(), c.email, c.password, auth.SignIn{Username: c.username, Create: true})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			requireError(t, err, auth.CodeInvalidArgument, c.want, auth.ErrInvalid)
		})
	}
}

func TestSignInIDValidation(t *testing.T) {
	s, _ := start(t)
	type signIn func(context.Context, string, auth.SignIn) (auth.Session, error)
	for _, c := range []struct {
		name     string
		signIn   signIn
		id       string
		username string
		want     string
	}{
		{"device missing", s.SignInDevice, "", "", "Device ID is required."},
		{"device blank", s.SignInDevice, "0123 456789", "", "Device ID invalid, no spaces or control characters allowed."},
		{"device newline", s.SignInDevice, "0123456789\n", "", "Device ID invalid, no spaces or control characters allowed."},
		{"device blank and short", s.SignInDevice, " ", "", "Device ID invalid, no spaces or control characters allowed."},
		{"device 9", s.SignInDevice, "012345678", "", "Device ID invalid, must be 10-128 bytes."},
		{"device 10", s.SignInDevice, "0123456789", "", ""},
		{"device 128", s.SignInDevice, strings.Repeat("d", 128), "", ""},
		{"device 129", s.SignInDevice, strings.Repeat("d", 129), "", "Device ID invalid, must be 10-128 bytes."},
		{"device, username", s.SignInDevice, "0123456789", "\x01", "Username invalid, no spaces or control characters allowed."},
		{"id wins over username", s.SignInDevice, "1", "\x01", "Device ID invalid, must be 10-128 bytes."},
		{"custom missing", s.SignInCustom, "", "", "Custom ID is required."},
		{"custom blank", s.SignInCustom, "01 2345", "", "Custom ID invalid, no spaces or control characters allowed."},
		{"custom 5", s.SignInCustom, "01234", "", "Custom ID invalid, must be 6-128 bytes."},
		{"custom 6", s.SignInCustom, "012345", "", ""},
		{"custom 128", s.SignInCustom, strings.Repeat("c", 128), "", ""},
		{"custom 129", s.SignInCustom, strings.Repeat("c", 129), "", "Custom ID invalid, must be 6-128 bytes."},
		{"custom, username", s.SignInCustom, "012345", strings.Repeat("u", 129), "Username invalid, must be 1-128 bytes."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.signIn(t.Context(), c.id, auth.SignIn{Username: c.username, Create: true})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			requireError(t, err, auth.CodeInvalidArgument, c.want, auth.ErrInvalid)
		})
	}
}

func TestUpdateAccountValidation(t *testing.T) {
	const (
		control = "Username invalid, no spaces or control characters allowed."
		length  = "Username invalid, must be 1-128 bytes."
	)
	text := func(n int) *string { return new(strings.Repeat("ä", n)) }
	for _, c := range []struct {
		name   string
		update auth.Update
		want   string
	}{
		{"nothing", auth.Update{}, "No fields to update."},
		{"username empty", auth.Update{Username: new("")}, length},
		{"username 128 bytes", auth.Update{Username: text(64)}, ""},
		{"username 129 bytes", auth.Update{Username: new(strings.Repeat("u", 129))}, length},
		{"username control", auth.Update{Username: new("a\tb")}, control},
		{"username with blanks", auth.Update{Username: new("sp ace x")}, ""},
		{"username wins", auth.Update{Username: new(""), LangTag: new("")}, length},
		{"display name cleared", auth.Update{DisplayName: new("")}, ""},
		{"display name 255", auth.Update{DisplayName: text(255)}, ""},
		{"display name 256", auth.Update{DisplayName: text(256)}, "Display name invalid, must be 0-255 characters."},
		{"display name NUL", auth.Update{DisplayName: new("a\x00")}, "Display name invalid, must be text."},
		{"display name not UTF-8", auth.Update{DisplayName: new("a\xff")}, "Display name invalid, must be text."},
		{"display name lines", auth.Update{DisplayName: new("a\nb")}, ""},
		{"avatar 512", auth.Update{AvatarURL: text(512)}, ""},
		{"avatar 513", auth.Update{AvatarURL: text(513)}, "Avatar URL invalid, must be 0-512 characters."},
		{"lang tag empty", auth.Update{LangTag: new("")}, "Lang tag invalid, must be 1-18 characters."},
		{"lang tag 18", auth.Update{LangTag: text(18)}, ""},
		{"lang tag 19", auth.Update{LangTag: text(19)}, "Lang tag invalid, must be 1-18 characters."},
		{"location 256", auth.Update{Location: text(256)}, "Location invalid, must be 0-255 characters."},
		{"timezone 256", auth.Update{Timezone: text(256)}, "Timezone invalid, must be 0-255 characters."},
		{"metadata", auth.Update{Metadata: new(` {"level": 3}`)}, ""},
		{"metadata array", auth.Update{Metadata: new(`[]`)}, "Metadata must be a JSON object."},
		{"metadata broken", auth.Update{Metadata: new(`{"level"}`)}, "Metadata must be a JSON object."},
		{"metadata empty", auth.Update{Metadata: new("")}, "Metadata must be a JSON object."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := start(t)
			err := s.UpdateAccount(t.Context(), device(t, s, phone).User, c.update)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			requireError(t, err, auth.CodeInvalidArgument, c.want, auth.ErrInvalid)
		})
	}
}
