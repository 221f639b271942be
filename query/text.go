package query

import (
	"strconv"
	"strings"
	"time"
)

// String returns the term as a query would have it, with the name of the field as it is after Options.Field.
func (c Clause) String() string {
	var b strings.Builder
	switch c.Occur {
	case Must:
		b.WriteByte('+')
	case MustNot:
		b.WriteByte('-')
	}
	switch c.Test {
	case Nothing:
		b.WriteString(`""`)
	case Everything:
		b.WriteByte('*')
	default:
		b.WriteString(escape(c.Field))
		b.WriteByte(':')
		b.WriteString(c.operand())
	}
	if c.Boost != 1 {
		b.WriteString("^" + strconv.FormatFloat(c.Boost, 'f', -1, 64))
	}
	return b.String()
}

// operand returns what stands after the colon.
func (c Clause) operand() string {
	switch c.Test {
	case Present:
		return "*"
	case Equal:
		return escape(c.Text)
	case EqualText:
		return strconv.Quote(c.Text)
	case Greater, AtLeast, Less, AtMost:
		return c.sign() + strconv.FormatFloat(c.Number, 'f', -1, 64)
	case After, Since, Before, Until:
		return c.sign() + strconv.Quote(c.Time.Format(time.RFC3339Nano))
	case Regexp:
		return "/" + c.Text + "/"
	case Fuzzy:
		return escape(c.Text) + "~" + strconv.Itoa(int(c.Distance))
	default: // EqualNumber, Wildcard: Text is as it was written
		return c.Text
	}
}

func (c Clause) sign() string {
	switch c.Test {
	case Greater, After:
		return ">"
	case AtLeast, Since:
		return ">="
	case Less, Before:
		return "<"
	default:
		return "<="
	}
}

// escape puts a backslash before all characters that mean something.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(escapable, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
