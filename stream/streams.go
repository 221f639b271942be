package stream

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/shoal-go/shoal/presence"
)

// What the methods of a [Streams] return, to be asked for with errors.Is.
var (
	// ErrNoSession means that the session has not entered, or has left.
	ErrNoSession = errors.New("stream: no such session")
	// ErrNotMember means that the session is not in the stream.
	ErrNotMember = errors.New("stream: not a member")
	// ErrTooMany means that the session is in too many streams.
	ErrTooMany = errors.New("stream: too many streams")
	// ErrText means that a text is not UTF-8.
	ErrText = errors.New("stream: text is not UTF-8")
)

const defaultMaxJoined = 256

// Config configures a [Streams].
type Config struct {
	// Outbox brings data and presence events to the members. Required.
	Outbox Outbox
	// MaxJoined is how many streams a session may be in at once. 0 means 256.
	MaxJoined int
}

// Key names a stream. Clients see it as it is. The numbers 0 to 7 are what the protocol calls its own streams by
// (notifications, status, chat, matches, parties); a host takes others, lest its clients mistake one for the other.
type Key struct {
	Mode       int32
	Subject    string // mostly the id of a user or of a thing
	Subcontext string // a second one, for a stream between two
	Label      string // any text
}

func (k Key) valid() bool {
	return utf8.ValidString(k.Subject) && utf8.ValidString(k.Subcontext) && utf8.ValidString(k.Label)
}

// As is how a session is in a stream.
type As struct {
	Hidden      bool   // it hears everything and is not seen: no event tells of it
	Persistence bool   // shown to the others; it means what they make of it
	Status      string // shown to the others
}

// Member is a session in a stream.
type Member struct {
	presence.Presence
	As
}

// Message is what members are sent.
type Message struct {
	From       presence.Presence // who says it; the zero Presence is the server itself
	Data       string            // the contents, mostly JSON
	Unreliable bool              // it may be dropped on its way to a slow reader
	To         []string          // only the members with these sessions, each once; none means all
}

// Outbox is what a network layer implements to bring to members what happens in their streams.
//
// It is called with the lock of the stream held, one call at a time for one stream, at the same time for different ones.
// The methods queue what they are given and return; they never block and never call the Streams. All slices are valid
// during the call only and must not be changed.
type Outbox interface {
	// StreamData brings a message to the given members; m.To is not for the callee.
	StreamData(k Key, to []presence.Presence, m Message)
	// StreamPresence tells the given members who came and who went; both is a member that has changed. Who joined is
	// told too, who left is not.
	StreamPresence(k Key, to []presence.Presence, joined, left []Member)
	// Flush follows each of the two above and is for the same members: what is queued should go out now.
	Flush(k Key, to []presence.Presence)
}

// Streams holds the streams of a server. It is safe for concurrent use, but the Outbox must not call it. It starts no
// goroutine and needs no closing.
type Streams struct {
	outbox    Outbox
	maxJoined int

	mu struct { // may be taken while the lock of a stream is held, not the other way round
		sync.RWMutex
		streams  map[Key]*stream
		sessions map[string]*session
	}
}

// session is one that has entered.
type session struct {
	who    presence.Presence
	joined []Key // in the order of its joins
}

// New makes a Streams without streams. It fails if the Config is wrong.
func New(c Config) (*Streams, error) {
	if c.Outbox == nil {
		return nil, errors.New("stream: Config needs an Outbox")
	}
	if c.MaxJoined < 0 {
		return nil, errors.New("stream: Config.MaxJoined is negative")
	}
	s := &Streams{outbox: c.Outbox, maxJoined: cmp.Or(c.MaxJoined, defaultMaxJoined)}
	s.mu.streams = make(map[Key]*stream)
	s.mu.sessions = make(map[string]*session)
	return s, nil
}

// Enter lets a session begin: from now on it can join streams. Entering twice changes nothing.
func (s *Streams) Enter(who presence.Presence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.sessions[who.Session] == nil {
		s.mu.sessions[who.Session] = &session{who: who}
	}
}

// LeaveAll ends a session: its connection is gone. It leaves all its streams, in the order in which it joined them. A
// session never comes back.
func (s *Streams) LeaveAll(session string) {
	s.mu.Lock()
	gone := s.mu.sessions[session]
	delete(s.mu.sessions, session)
	s.mu.Unlock()
	if gone == nil {
		return
	}
	for _, k := range gone.joined { // nobody else has it any more
		_ = s.Leave(k, session) // the host may have taken it out meanwhile
	}
}

// Join makes a session a member of a stream, and all members are told, the new one among them. It adds nobody, and
// nothing changes, if the session is a member already. The error Is ErrNoSession, ErrTooMany or ErrText.
func (s *Streams) Join(k Key, session string, as As) (added bool, err error) {
	if !k.valid() || !utf8.ValidString(as.Status) {
		return false, ErrText
	}
	st := s.enter(k, true)
	defer st.mu.Unlock()
	if st.has(session) {
		return false, nil
	}
	who, err := s.note(session, k)
	if err != nil {
		s.end(st)
		return false, err
	}
	st.join(s.outbox, Member{who, as})
	return true, nil
}

// Update changes how a member is in a stream, which the others see as a leave and a join in one event. The error Is
// ErrNotMember or ErrText.
func (s *Streams) Update(k Key, session string, as As) error {
	if !utf8.ValidString(as.Status) {
		return ErrText
	}
	st := s.enter(k, false)
	if st == nil {
		return ErrNotMember
	}
	defer st.mu.Unlock()
	if !st.has(session) {
		return ErrNotMember
	}
	st.update(s.outbox, session, as)
	return nil
}

// Leave takes a session out of a stream, and the other members are told. The error is ErrNotMember if it is not in it.
func (s *Streams) Leave(k Key, session string) error {
	st := s.enter(k, false)
	if st == nil {
		return ErrNotMember
	}
	defer st.mu.Unlock()
	if !st.has(session) {
		return ErrNotMember
	}
	s.forget(session, k)
	st.leave(s.outbox, session)
	s.end(st)
	return nil
}

// Close takes everybody out of a stream. Nobody is told.
func (s *Streams) Close(k Key) {
	st := s.enter(k, false)
	if st == nil {
		return
	}
	defer st.mu.Unlock()
	for _, p := range slices.Clone(st.members.All()) {
		s.forget(p.Session, k)
		st.members.Leave(p.Session)
	}
	s.end(st)
}

// Send brings a message to the members of a stream, hidden ones too; the sender, if it is one, is not left out. Without
// members, or those it is for, nothing happens. The error is ErrText. It keeps nothing of m.To.
func (s *Streams) Send(k Key, m Message) error {
	if !utf8.ValidString(m.Data) {
		return ErrText
	}
	if st := s.enter(k, false); st != nil {
		defer st.mu.Unlock()
		st.send(s.outbox, m)
	}
	return nil
}

// List returns the members of a stream, oldest first; hidden ones only if asked for.
func (s *Streams) List(k Key, hidden bool) []Member {
	st := s.enter(k, false)
	if st == nil {
		return nil
	}
	defer st.mu.Unlock()
	var all []Member
	for _, p := range st.members.All() {
		if m := st.member(p.Session); hidden || !m.Hidden {
			all = append(all, m)
		}
	}
	return all
}

// Count returns how many members a stream has, hidden ones too.
func (s *Streams) Count(k Key) int {
	st := s.enter(k, false)
	if st == nil {
		return 0
	}
	defer st.mu.Unlock()
	return st.members.Len()
}

// enter returns the stream of a key with its lock held; nil if there is none and it is not to be made.
func (s *Streams) enter(k Key, create bool) *stream {
	for {
		st := s.find(k, create)
		if st == nil {
			return nil
		}
		st.mu.Lock()
		if !st.ended {
			return st
		}
		st.mu.Unlock() // its last member left after find: there is another one by now, or none
	}
}

func (s *Streams) find(k Key, create bool) *stream {
	s.mu.RLock()
	st := s.mu.streams[k]
	s.mu.RUnlock()
	if st != nil || !create {
		return st
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.streams[k] == nil {
		s.mu.streams[k] = &stream{key: k}
	}
	return s.mu.streams[k]
}

// end forgets a stream if nobody is in it. Its lock is held.
func (s *Streams) end(st *stream) {
	if st.members.Len() > 0 {
		return
	}
	st.ended = true
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mu.streams, st.key)
}

// note remembers that a session is in a stream, for LeaveAll, and returns who it is.
func (s *Streams) note(session string, k Key) (presence.Presence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.mu.sessions[session]
	switch {
	case of == nil:
		return presence.Presence{}, ErrNoSession
	case len(of.joined) >= s.maxJoined:
		return presence.Presence{}, ErrTooMany
	}
	of.joined = append(of.joined, k)
	return of.who, nil
}

func (s *Streams) forget(session string, k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.mu.sessions[session]; of != nil {
		of.joined = slices.DeleteFunc(of.joined, func(other Key) bool { return other == k })
	}
}
