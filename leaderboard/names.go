package leaderboard

import (
	"encoding/binary"
	"encoding/hex"
	"math"
)

// name is an owner id in 16 bytes. Nearly all owners are UUIDs: their 16 bytes, as two big-endian words that compare
// like the text. Any other text has hi == elsewhere, and lo is its place in a [names].
type name struct{ hi, lo uint64 }

// elsewhere marks a name that is not a UUID. The few UUIDs that begin with it are kept as text like any other.
const elsewhere = math.MaxUint64

// packed tells whether the name is a UUID and so needs no names to be read.
func (n name) packed() bool { return n.hi != elsewhere }

// hexDigits has 1 more than the value of each digit that a UUID may have, and 0 for all other bytes. A processor would guess
// wrongly half of the time whether a digit or a letter comes.
var hexDigits = [256]uint8{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
}

// pack turns the text of a UUID into a name. Only the canonical form, with lower-case digits, comes back unchanged
// from unpack; ok is false for everything else.
func pack(text string) (n name, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return name{}, false
	}
	for i := range len(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		digit := hexDigits[text[i]]
		if digit == 0 {
			return name{}, false
		}
		n.hi = n.hi<<4 | n.lo>>60
		n.lo = n.lo<<4 | uint64(digit-1)
	}
	return n, n.packed()
}

// unpack is the reverse of pack.
func unpack(n name) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], n.hi)
	binary.BigEndian.PutUint64(raw[8:], n.lo)
	var text [36]byte
	hex.Encode(text[:8], raw[:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// names gives names to owners, and keeps the text of those that are not UUIDs. The zero value is ready to use.
type names struct {
	places map[string]uint64
	texts  []string
	free   []uint64 // places in texts that hold nothing
}

// find returns the name of an owner if it has one. A UUID always does.
func (t *names) find(owner string) (name, bool) {
	if n, ok := pack(owner); ok {
		return n, true
	}
	place, ok := t.places[owner]
	return name{hi: elsewhere, lo: place}, ok
}

// add returns the name of an owner and gives it one if needed.
func (t *names) add(owner string) name {
	n, ok := t.find(owner)
	if ok {
		return n
	}
	if last := len(t.free) - 1; last >= 0 {
		n.lo, t.free = t.free[last], t.free[:last]
		t.texts[n.lo] = owner
	} else {
		n.lo = uint64(len(t.texts))
		t.texts = append(t.texts, owner)
	}
	if t.places == nil {
		t.places = make(map[string]uint64)
	}
	t.places[owner] = n.lo
	return n
}

// drop forgets a name that add has given.
func (t *names) drop(n name) {
	if n.packed() {
		return
	}
	delete(t.places, t.texts[n.lo])
	t.texts[n.lo] = ""
	t.free = append(t.free, n.lo)
}

// text returns the owner that has a name.
func (t *names) text(n name) string {
	if n.packed() {
		return unpack(n)
	}
	return t.texts[n.lo]
}
