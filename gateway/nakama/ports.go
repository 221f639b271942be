package nakama

import (
	"context"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/status"
	"github.com/shoal-go/shoal/storage"
)

// Auth is what the gateway needs to know who is speaking. [auth.Service] is one.
type Auth interface {
	SignIns
	Links
	Tokens
	Accounts
}

// SignIns turns what a user proves into a session. Errors that are an *auth.Error are told to the client.
type SignIns interface {
	SignInEmail(ctx context.Context, email, password string, o auth.SignIn) (auth.Session, error)
	SignInDevice(ctx context.Context, id string, o auth.SignIn) (auth.Session, error)
	SignInCustom(ctx context.Context, id string, o auth.SignIn) (auth.Session, error)
	SignInProvider(ctx context.Context, k auth.Kind, token string, o auth.SignIn) (auth.Session, error)
}

// Links add ways into an account, and take them away.
type Links interface {
	LinkEmail(ctx context.Context, user, email, password string) error
	LinkDevice(ctx context.Context, user, id string) error
	LinkCustom(ctx context.Context, user, id string) error
	LinkProvider(ctx context.Context, user string, k auth.Kind, token string) error
	Unlink(ctx context.Context, user string, k auth.Kind, id string) error
	UnlinkProvider(ctx context.Context, user string, k auth.Kind, token string) error
}

// Tokens checks, renews and ends sessions.
type Tokens interface {
	Verify(token string) (auth.Claims, error)
	Refresh(ctx context.Context, refreshToken string, vars map[string]string) (auth.Session, error)
	Logout(ctx context.Context, caller auth.Claims, token, refreshToken string) error
	// Watch lets f know of every end of sessions, so that their sockets can be closed.
	Watch(f func(auth.Ending))
	// VerifyMatchToken returns the match that a token admits to, and the users it is for (none: anybody).
	VerifyMatchToken(token string) (matchID string, users []string, err error)
}

// Accounts reads and changes accounts.
type Accounts interface {
	Account(ctx context.Context, id string) (auth.Account, error)
	UpdateAccount(ctx context.Context, id string, u auth.Update) error
	// DeleteAccount deletes it with all that belongs to the user.
	DeleteAccount(ctx context.Context, id string) error
	Users(ctx context.Context, ids, usernames, facebookIDs []string) ([]auth.Account, error)
}

// MatchTokens makes the tokens that admit to a relayed match. [auth.Service] does.
type MatchTokens interface {
	MatchToken(matchID string, users []string) (string, error)
}

// Matches are the authoritative matches. [match.Registry] is one.
type Matches interface {
	Join(ctx context.Context, q match.JoinRequest) error
	Watch(ctx context.Context, q match.JoinRequest, delay time.Duration) error
	Leave(id match.ID, session string, why match.Reason) error
	Send(id match.ID, session string, m match.Message) error
	List(q match.ListRequest) (match.Page, error)
}

// Relays are the client-driven matches. [relay.Hub] is one.
type Relays interface {
	Create(q relay.CreateRequest) (relay.ID, error)
	Join(q relay.JoinRequest) error
	Leave(id relay.ID, session string) error
	LeaveAll(session string)
	Send(id relay.ID, m relay.Message, to []string) error
	List(q relay.ListRequest) []relay.Info
}

// Matchmaker groups waiting players. [matchmaker.Matchmaker] is one.
type Matchmaker interface {
	Add(q matchmaker.Request) (ticket string, err error)
	Remove(session, ticket string) error
	RemoveSession(session string)
}

// Boards are the leaderboards. [leaderboard.Boards] is one.
type Boards interface {
	Tournaments
	// Get returns the definition of a board or tournament. leaderboard.ErrNotFound.
	Get(id string) (leaderboard.Board, error)
	List(ctx context.Context, q leaderboard.ListRequest) (leaderboard.Page, error)
	Around(ctx context.Context, q leaderboard.AroundRequest) (leaderboard.Page, error)
	Submit(ctx context.Context, s leaderboard.Submission) (leaderboard.Ranked, error)
	Withdraw(ctx context.Context, board, owner string) error
}

// Tournaments are the boards that players join.
type Tournaments interface {
	Tournaments(ctx context.Context, q leaderboard.TournamentsRequest) (leaderboard.TournamentPage, error)
	Join(ctx context.Context, tournament, owner, username string) error
}

// Objects are the documents of players. [storage.Objects] is one.
type Objects interface {
	Submit(ctx context.Context, user string, puts []storage.Put) ([]storage.Object, error)
	Fetch(ctx context.Context, user string, ids []storage.ID) ([]storage.Object, error)
	Browse(ctx context.Context, user string, q storage.ListRequest) (storage.Page, error)
	Withdraw(ctx context.Context, user string, rs []storage.Removal) error
}

// Notifications are those that are kept for players. [notification.Notifications] is one.
type Notifications interface {
	List(ctx context.Context, q notification.ListRequest) (notification.Page, error)
	Delete(ctx context.Context, user string, ids []string) error
}

// Parties are groups of players. [party.Parties] is one.
type Parties interface {
	PartyMembers
	PartyLeaders
	PartyTickets
	List(r party.ListRequest) (party.Page, error)
}

// PartyMembers is what everybody may do with parties.
type PartyMembers interface {
	Create(r party.CreateRequest) (party.ID, error)
	Join(r party.JoinRequest) (in bool, err error)
	Leave(id party.ID, session string) error
	LeaveAll(session string)
	LeaveOthers(session string, id party.ID)
	Send(c party.Call, op int64, data []byte) error
}

// PartyLeaders is what leaders may do with their parties.
type PartyLeaders interface {
	Accept(c party.Call, who presence.Presence) error
	Remove(c party.Call, who presence.Presence) error
	Promote(c party.Call, who presence.Presence) error
	Update(c party.Call, s party.Settings) error
	Close(c party.Call) error
	Requests(id party.ID, session string, accepted func(pending []presence.Presence)) error
}

// PartyTickets lets leaders queue with their parties.
type PartyTickets interface {
	Enqueue(id party.ID, session string, t party.Ticket) (ticket string, err error)
	Dequeue(c party.Call, ticket string) error
}

// Statuses say who is online. [status.Board] is one.
type Statuses interface {
	Enter(who presence.Presence)
	LeaveAll(session string)
	Set(session string, text *string, accepted func()) error
	Follow(session string, users []string, accepted func([]status.Presence)) error
	Unfollow(session string, users []string)
	Online(user string) bool
}

// Streams need to know which sessions there are; all else a host does with them. [stream.Streams] is one.
type Streams interface {
	Enter(who presence.Presence)
	LeaveAll(session string)
}
