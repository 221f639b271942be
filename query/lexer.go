package query

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// isSpace reports whether c separates terms.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// endsWord reports whether c ends a word, unless there is a backslash before it.
func endsWord(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ':', '^', '~':
		return true
	}
	return false
}

// cutRegexp returns the regular expression that a word is, or begins with if a boost follows; "" if it is none.
func cutRegexp(raw string) string {
	if len(raw) > 1 && endsRegexp(raw) {
		return raw
	}
	if i := strings.LastIndexByte(raw, '^'); i > 1 && endsRegexp(raw[:i]) {
		return raw[:i]
	}
	return ""
}

// endsRegexp reports whether a word ends with a slash that has no backslash of its own.
func endsRegexp(raw string) bool {
	i := 0
	for i < len(raw)-1 {
		if isEscape(raw, i) {
			i++
		}
		i++
	}
	return i == len(raw)-1 && raw[i] == '/'
}

// number parses a decimal number: an optional minus, digits, and at most one point after the first digit. All else is
// text: 6e1, .5, 0x3c, Inf, and what a float64 cannot hold.
func number(s string) (float64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] == '.' {
		return 0, false
	}
	for i := range len(digits) {
		if c := digits[i]; (c < '0' || c > '9') && c != '.' {
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

// escapable are the characters that lose their meaning, and the backslash, when a backslash stands before them.
const escapable = " \t\r\n+-=&|><!(){}[]^\"~*?:\\/"

// isEscape reports whether a backslash that takes the meaning from the next character stands at s[i].
func isEscape(s string, i int) bool {
	return s[i] == '\\' && i+1 < len(s) && strings.IndexByte(escapable, s[i+1]) >= 0
}

// unescape takes the backslashes off.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if isEscape(s, i) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
