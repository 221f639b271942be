package leaderboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxID       = 128 // bytes of the id of a board or owner
	maxReset    = 64  // bytes of a cron expression
	maxCategory = 127
)

// checked returns the board as it is to be stored, or what is wrong with it.
func (b Board) checked(created time.Time) (Board, error) {
	b.Metadata = cmp.Or(b.Metadata, "{}")
	b.Created = seconds(b.Created)
	if b.Created.IsZero() {
		b.Created = created
	}
	var wrong string
	switch {
	case !validID(b.ID):
		wrong = fmt.Sprintf("id must be text of 1 to %d bytes", maxID)
	case b.Sort > Ascending:
		wrong = "unknown sort order"
	case b.Operator > Decrement:
		wrong = "unknown operator"
	case b.Allowed >= 1<<(Decrement+1):
		wrong = "unknown operator is allowed"
	case b.Keep < 0:
		wrong = "negative number of periods to keep"
	case len(b.Reset) > maxReset || !utf8.ValidString(b.Reset):
		wrong = fmt.Sprintf("reset must be text of up to %d bytes", maxReset)
	case !validMetadata(b.Metadata):
		return Board{}, ErrMetadata
	}
	if wrong == "" {
		b.Tournament, wrong = b.Tournament.checked(b.Created)
	}
	if wrong != "" {
		return Board{}, fmt.Errorf("%w: %s", ErrBoard, wrong)
	}
	if b.Reset == "" {
		return b, nil
	}
	reset, err := parseCron(b.Reset)
	if err != nil {
		return Board{}, fmt.Errorf("%w: reset: %w", ErrBoard, err)
	}
	if reset.next(b.Created).IsZero() {
		return Board{}, fmt.Errorf("%w: reset never comes", ErrBoard)
	}
	return b, nil
}

func (t Tournament) checked(created time.Time) (_ Tournament, wrong string) {
	if t.Duration == 0 {
		if t != (Tournament{}) {
			return t, "a tournament needs a duration"
		}
		return t, ""
	}
	t.Start, t.End = seconds(t.Start), seconds(t.End)
	if t.Start.IsZero() {
		t.Start = created
	}
	t.MaxNumScore = cmp.Or(t.MaxNumScore, MaxNumScore)
	switch {
	case t.Duration < time.Second || t.Duration%time.Second != 0:
		wrong = "duration must be whole seconds"
	case !t.End.IsZero() && !t.End.After(t.Start):
		wrong = "tournament ends before it starts"
	case t.Category < 0 || t.Category > maxCategory:
		wrong = fmt.Sprintf("category must be 0 to %d", maxCategory)
	case t.MaxSize < 0 || t.MaxNumScore < 0:
		wrong = "negative size or number of scores"
	case !utf8.ValidString(t.Title) || !utf8.ValidString(t.Description):
		wrong = "title and description must be text"
	}
	return t, wrong
}

func validID(id string) bool { return id != "" && len(id) <= maxID && utf8.ValidString(id) }

// validMetadata allows nothing, and a JSON object.
func validMetadata(text string) bool {
	if text == "" {
		return true
	}
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && utf8.ValidString(text) && json.Valid([]byte(text))
}

// seconds returns t as stores keep it.
func seconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }
