package query

import (
	"strings"
	"time"
)

// parseTime reads the date forms that Value.Time names. It is written by hand because time.Parse makes an error for
// every text that is none, and most texts are none.
func parseTime(s string) (time.Time, bool) {
	if !hasForm(s, "0000-00-00") {
		return time.Time{}, false
	}
	year, month, day := 100*two(s)+two(s[2:]), two(s[5:]), two(s[8:])
	clock, zone, ok := parseClock(s[10:])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if !ok || month < 1 || month > 12 || t.Day() != day {
		return time.Time{}, false
	}
	return t.Add(clock - zone), true
}

// parseClock reads what follows the day: nothing, or a time of day with an optional fraction and zone.
func parseClock(s string) (clock, zone time.Duration, ok bool) {
	if s == "" {
		return 0, 0, true
	}
	rest := s[1:]
	if s[0] != 'T' && s[0] != ' ' || !hasForm(rest, "00:00:00") {
		return 0, 0, false
	}
	hour, minute, second := two(rest), two(rest[3:]), two(rest[6:])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, 0, false
	}
	fraction, rest, ok := parseFraction(rest[8:])
	if !ok {
		return 0, 0, false
	}
	zone, ok = parseZone(rest)
	if s[0] == ' ' && rest != "" {
		return 0, 0, false
	}
	return time.Duration(hour*3600+minute*60+second)*time.Second + fraction, zone, ok
}

// parseFraction reads the fraction of a second that s may begin with, to the nanosecond.
func parseFraction(s string) (d time.Duration, rest string, ok bool) {
	if !strings.HasPrefix(s, ".") {
		return 0, s, true
	}
	rest = strings.TrimLeft(s[1:], "0123456789")
	unit := time.Second
	for _, digit := range []byte(s[1 : len(s)-len(rest)]) {
		unit /= 10
		d += time.Duration(digit-'0') * unit
	}
	return d, rest, len(rest) < len(s)-1
}

// parseZone reads how far ahead of UTC a clock is: nothing and Z are UTC, else +01:00.
func parseZone(s string) (ahead time.Duration, ok bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || !hasForm(s[1:], "00:00") {
		return 0, false
	}
	hour, minute := two(s[1:]), two(s[4:])
	ahead = time.Duration(hour*60+minute) * time.Minute
	if s[0] == '-' {
		ahead = -ahead
	}
	return ahead, hour < 24 && minute < 60
}

// hasForm reports whether s begins as form does, in which 0 stands for any digit.
func hasForm(s, form string) bool {
	if len(s) < len(form) {
		return false
	}
	for i := range len(form) {
		digit := s[i] >= '0' && s[i] <= '9'
		if form[i] == '0' && !digit || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	return true
}

// two is the number that the first two digits of s are.
func two(s string) int { return 10*int(s[0]-'0') + int(s[1]-'0') }
