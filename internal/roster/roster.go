// Package roster keeps the presences of one group (a match, a party, a stream): at most one for each session, the
// oldest first.
//
// A [Roster] says what changed; the caller tells the members.
package roster

import (
	"slices"

	"github.com/shoal-go/shoal/presence"
)

// Roster is the members of one group in the order in which they joined. The zero Roster is empty and ready to use. It
// is not safe for concurrent use: whoever owns the group guards it, with its lock or its turn.
type Roster struct {
	members  []presence.Presence
	serials  []uint64          // of members, ascending: what a position is found by after others have left
	serialOf map[string]uint64 // the serial of each session
	last     uint64
}

// Len is the number of members.
func (r *Roster) Len() int { return len(r.members) }

// All returns the members, oldest first, without copying them: the slice is the roster's own. Read it only, and not
// after the next Join, Leave or Replace. Appending to it makes a copy.
func (r *Roster) All() []presence.Presence { return slices.Clip(r.members) }

// Index returns the position of a session's presence in All, and whether it has one.
func (r *Roster) Index(session string) (int, bool) {
	serial, ok := r.serialOf[session]
	if !ok {
		return 0, false
	}
	return slices.BinarySearch(r.serials, serial)
}

// Join adds a presence as the newest. It returns false and changes nothing if its session is a member already.
func (r *Roster) Join(p presence.Presence) bool {
	if _, ok := r.serialOf[p.Session]; ok {
		return false
	}
	if r.serialOf == nil {
		r.serialOf = make(map[string]uint64)
	}
	r.last++
	r.serialOf[p.Session] = r.last
	r.members = append(r.members, p)
	r.serials = append(r.serials, r.last)
	return true
}

// Leave removes the presence of a session and returns it, or false if there is none. The others keep their order.
func (r *Roster) Leave(session string) (presence.Presence, bool) {
	i, ok := r.Index(session)
	if !ok {
		return presence.Presence{}, false
	}
	gone := r.members[i]
	r.members = slices.Delete(r.members, i, i+1)
	r.serials = slices.Delete(r.serials, i, i+1)
	delete(r.serialOf, session)
	return gone, true
}

// Replace puts p in the place of a session's presence, which it returns; p may be of the same session or of a new one.
// It returns false and changes nothing if the session is no member, or if p's session is another member already.
func (r *Roster) Replace(session string, p presence.Presence) (old presence.Presence, ok bool) {
	i, ok := r.Index(session)
	if !ok {
		return presence.Presence{}, false
	}
	if _, taken := r.serialOf[p.Session]; taken && p.Session != session {
		return presence.Presence{}, false
	}
	old = r.members[i]
	delete(r.serialOf, session)
	r.serialOf[p.Session] = r.serials[i]
	r.members[i] = p
	return old, true
}

// AppendOthers appends all members but the one of the given session to dst, oldest first.
func (r *Roster) AppendOthers(dst []presence.Presence, session string) []presence.Presence {
	i, ok := r.Index(session)
	if !ok {
		return append(dst, r.members...)
	}
	dst = append(dst, r.members[:i]...)
	return append(dst, r.members[i+1:]...)
}
