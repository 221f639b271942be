// Package auth answers who is speaking: it signs users in, makes and checks their tokens, ends their sessions and
// keeps their accounts.
//
// A user signs in with an email address and a password, a device id, a custom id, or a token of a third party's service
// that a [Provider] of the host checks. The first sign-in may create the account; more ways in can be linked to it. The
// answer is a [Session]: a short-lived access token that goes with every request, and a refresh token that buys new
// ones.
//
//	s, err := auth.Open(ctx, auth.Config{Accounts: db, Identities: db, Deletions: db, Revocations: db, Keys: db})
//	session, err := s.SignInDevice(ctx, deviceID, auth.SignIn{Create: true})
//	claims, err := s.Verify(session.Token) // who is speaking
//
// # Tokens
//
// Tokens are JWTs signed with HS256. Their claims are those that clients of the protocol read:
//
//	tid  the token family: all tokens that came from one sign-in, by any number of refreshes
//	uid  the user id
//	usn  the username at the time of the sign-in or last refresh
//	vrs  session variables, absent when there are none
//	exp  the second from which on the token is refused
//	iat  the second of the sign-in; a refresh keeps it
//	rev  a mark that makes "end all sessions" exact, see below; absent for a user whose sessions were never ended
//	rot  how many refresh tokens were exchanged before this one, with Config.Rotate; for the server alone
//
// Access, refresh and match tokens have a key each, so one can not be used as another. A refresh token stays good
// until it expires, so a client that missed the reply may refresh again; Config.FamilyTTL limits how long a family
// lives in all. With Config.Rotate it is good for one exchange, and one who uses it later ends the family.
//
// # Guessing
//
// Passwords are hashed by a bounded number of workers, known account or not. After Config.FailuresPerAccount failed
// sign-ins to one account, or FailuresPerAddress from one address, all further ones are refused for a while, right or
// wrong: so who fails on purpose can keep another from signing in by password, for as long as it goes on. Open sessions
// are not touched by that, nor is signing in to that account by device from elsewhere; nor, as names are public, is
// signing in by email address by failures with the name.
//
// # Ending sessions
//
// [Service.Logout] and [Service.EndSessions] store a [Revocation] before they return, and it is loaded again by
// [Open]: what was logged out stays out. Checking is done from memory. Ending one family refuses all its tokens,
// also those made later by a refresh. Ending all sessions of a user is exact even within one second: each such end
// has a number (its time in milliseconds, raised if need be so that no two are equal), a token carries the number
// that was the latest when its sign-in began (none if the user's sessions had never been ended), and a token is refused
// if its number is less than that of the user's last end.
//
// One process is assumed to write the revocations of a store: an end written by another process is seen at the next
// Open.
//
// # Errors
//
// Methods of [Service] that can fail return an [*Error]: a code, a text that clients may read (they compare some of
// these texts), and what is behind it for errors.Is, such as [ErrCredentials].
package auth
