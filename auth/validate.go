package auth

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	minPassword = 8
	maxUsername = 128
	maxID       = 128
)

func checkEmail(email string) error {
	switch {
	case hasControl(email) || hasSpace(email):
		return invalid("Invalid email address, no spaces or control characters allowed.")
	case !likeEmail(email):
		return invalid("Invalid email address format.")
	case len(email) < 10 || len(email) > 255:
		return invalid("Invalid email address, must be 10-255 bytes.")
	}
	return nil
}

// checkEmailLink checks what [Service.LinkEmail] gets, in the order in which clients know the messages.
func checkEmailLink(email, password string) error {
	if email == "" || password == "" {
		return invalid("Email address and password is required.")
	}
	if hasControl(email) || hasSpace(email) {
		return checkEmail(email)
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	return checkEmail(email)
}

// likeEmail tells whether s is something@something.something.
func likeEmail(s string) bool {
	if len(s) == 0 {
		return false
	}
	at := 1 + strings.IndexByte(s[1:], '@')
	dot := strings.LastIndexByte(s[:len(s)-1], '.')
	return at > 0 && dot > at+1
}

func checkPassword(password string) error {
	if len(password) < minPassword {
		return invalid("Password must be at least 8 characters long.")
	}
	return nil
}

// checkUsername refuses control characters and broken text, whatever else the message says: spaces are accepted
// inside and around a name, because the clients' users have them.
func checkUsername(name string) error {
	switch {
	case hasControl(name):
		return invalid("Username invalid, no spaces or control characters allowed.")
	case len(name) < 1 || len(name) > maxUsername:
		return invalid("Username invalid, must be 1-128 bytes.")
	}
	return nil
}

// checkID checks an id that the client chose; what names it in the messages.
func checkID(what, id string, shortest int) error {
	switch {
	case id == "":
		return invalid(what + " is required.")
	case hasControl(id) || hasSpace(id):
		return invalid(what + " invalid, no spaces or control characters allowed.")
	case len(id) < shortest || len(id) > maxID:
		return invalid(fmt.Sprintf("%s invalid, must be %d-128 bytes.", what, shortest))
	}
	return nil
}

// checkCustomLink is checkID with the messages that linking a custom id has.
func checkCustomLink(id string) error {
	switch {
	case id == "":
		return invalid("Custom ID is required.")
	case hasControl(id) || hasSpace(id):
		return invalid("Invalid custom ID, no spaces or control characters allowed.")
	case len(id) < minCustomID || len(id) > maxID:
		return invalid("Invalid custom ID, must be 6-128 bytes.")
	}
	return nil
}

func checkUpdate(u Update) error {
	if u == (Update{}) {
		return invalid("No fields to update.")
	}
	if u.Username != nil {
		if err := checkUsername(*u.Username); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		what          string
		value         *string
		least, atMost int
	}{
		{"Display name", u.DisplayName, 0, 255},
		{"Avatar URL", u.AvatarURL, 0, 512},
		{"Lang tag", u.LangTag, 1, 18},
		{"Location", u.Location, 0, 255},
		{"Timezone", u.Timezone, 0, 255},
	} {
		if f.value == nil {
			continue
		}
		if n := utf8.RuneCountInString(*f.value); n < f.least || n > f.atMost {
			return invalid(fmt.Sprintf("%s invalid, must be %d-%d characters.", f.what, f.least, f.atMost))
		}
		if strings.IndexByte(*f.value, 0) >= 0 || !utf8.ValidString(*f.value) {
			return invalid(f.what + " invalid, must be text.")
		}
	}
	if u.Metadata != nil && !isObject(*u.Metadata) {
		return invalid("Metadata must be a JSON object.")
	}
	return nil
}

func isObject(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && json.Valid([]byte(text))
}

// hasControl tells whether s has an ASCII control character, or is not UTF-8.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) || !utf8.ValidString(s)
}

// hasSpace tells whether s has a blank; other white space of ASCII is control characters.
func hasSpace(s string) bool { return strings.IndexByte(s, ' ') >= 0 }
