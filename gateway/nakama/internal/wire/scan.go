package wire

import (
	"bytes"
	"encoding/base64"
)

// decodeJSON reads match_data_send and ping in their plain forms, and reports whether b was one.
func decodeJSON(b []byte, in *Inbound) bool {
	s := scanner{b: b}
	s.open('{')
	for s.more('}') {
		switch string(s.key()) {
		case "cid":
			s.once(seenCID)
			in.CID = s.text()
		case "match_data_send", "matchDataSend":
			s.once(seenMessage)
			in.Kind = MatchDataSend
			s.matchData(in)
		case "ping":
			s.once(seenMessage)
			in.Kind = Ping
			s.empty('{', '}')
		default:
			return false
		}
	}
	return s.done() && in.Kind != Missing
}

// Members of which an envelope has one at most.
const (
	seenCID = 1 << iota
	seenMessage
	seenMatchID
	seenOp
	seenData
	seenPresences
	seenReliable
)

func (s *scanner) matchData(in *Inbound) {
	s.open('{')
	for s.more('}') {
		switch string(s.key()) {
		case "match_id", "matchId":
			s.once(seenMatchID)
			in.MatchID = s.text()
		case "op_code", "opCode":
			s.once(seenOp)
			in.Op = s.integer()
		case "data":
			s.once(seenData)
			in.Data = s.base64(in.buf)
			in.buf = in.Data
		case "presences": // nakama-js always sends it, nearly always empty
			s.once(seenPresences)
			s.empty('[', ']')
		case "reliable":
			s.once(seenReliable)
			in.Reliable = s.boolean()
		default:
			s.bad = true
		}
	}
}

// scanner walks over JSON of known shape. At the first thing it does not expect it turns bad, and stays so: its methods
// then return zero values.
type scanner struct {
	b     []byte
	i     int
	bad   bool
	first bool // the next member is the first of its object
	seen  uint8
}

// next skips whitespace and returns the byte there, 0 at the end.
func (s *scanner) next() byte {
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take moves past c, which must come next.
func (s *scanner) take(c byte) {
	if s.bad || s.next() != c {
		s.bad = true
		return
	}
	s.i++
}

func (s *scanner) open(c byte) {
	s.take(c)
	s.first = true
}

// more reports whether another member comes before the end; it moves past the comma, or past the end.
func (s *scanner) more(end byte) bool {
	if s.bad {
		return false
	}
	first := s.first
	s.first = false
	if s.next() == end {
		s.i++
		return false
	}
	if !first {
		s.take(',')
	}
	return !s.bad
}

func (s *scanner) empty(start, end byte) {
	s.take(start)
	s.take(end)
}

// once turns bad when a member comes again.
func (s *scanner) once(member uint8) {
	s.bad = s.bad || s.seen&member != 0
	s.seen |= member
}

func (s *scanner) key() []byte {
	k := s.text()
	s.take(':')
	return k
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() []byte {
	s.take('"')
	if s.bad {
		return nil
	}
	start := s.i
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1]
		case c < ' ' || c == '\\' || c > '~':
			s.bad = true
			return nil
		}
	}
	s.bad = true
	return nil
}

// base64 reads a string of the standard alphabet into buf.
func (s *scanner) base64(buf []byte) []byte {
	t := s.text()
	enc := base64.StdEncoding
	if len(t)%4 != 0 {
		enc = base64.RawStdEncoding
	}
	data, err := enc.AppendDecode(buf[:0], t)
	s.bad = s.bad || err != nil
	return data
}

// integer reads a whole number of at most 18 digits, in quotes or not.
func (s *scanner) integer() int64 {
	quoted := s.next() == '"'
	if quoted {
		s.i++
	}
	negative := s.i < len(s.b) && s.b[s.i] == '-'
	if negative {
		s.i++
	}
	start := s.i
	var v int64
	for ; s.i < len(s.b) && s.b[s.i]-'0' <= 9; s.i++ {
		v = v*10 + int64(s.b[s.i]-'0') // wraps on long numbers, which are refused below
	}
	if n := s.i - start; n == 0 || n > 18 || n > 1 && s.b[start] == '0' {
		s.bad = true
		return 0
	}
	if quoted {
		if s.i == len(s.b) || s.b[s.i] != '"' {
			s.bad = true
			return 0
		}
		s.i++
	}
	if negative {
		return -v
	}
	return v
}

func (s *scanner) boolean() bool {
	s.next()
	switch rest := s.b[s.i:]; {
	case bytes.HasPrefix(rest, []byte("true")):
		s.i += len("true")
		return true
	case bytes.HasPrefix(rest, []byte("false")):
		s.i += len("false")
	default:
		s.bad = true
	}
	return false
}

// done reports whether all went well and nothing is left.
func (s *scanner) done() bool {
	return s.next() == 0 && s.i == len(s.b) && !s.bad
}
