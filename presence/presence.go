package presence

// Presence is one session of one user. A user with two open connections has two presences, told apart by Session.
// It is a plain value: copy it freely, compare it with ==.
type Presence struct {
	User     string // user id, a UUID in text form
	Session  string // session id, a UUID in text form, never used twice
	Username string // the user's name when the session began
	Node     string // the node that holds the session
}
