package nakama

import (
	"context"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/relay"
)

// Auth is what the gateway needs to know who is speaking. [auth.Service] is one.
type Auth interface {
	SignIns
	Tokens
	Accounts
}

// SignIns turns what a user proves into a session. Errors that are an *auth.Error are told to the client.
type SignIns interface {
	SignInEmail(ctx context.Context, email, password string, o auth.SignIn) (auth.Session, error)
	SignInDevice(ctx context.Context, id string, o auth.SignIn) (auth.Session, error)
	SignInCustom(ctx context.Context, id string, o auth.SignIn) (auth.Session, error)
}

// Tokens checks, renews and ends sessions.
type Tokens interface {
	Verify(token string) (auth.Claims, error)
	Refresh(ctx context.Context, refreshToken string, vars map[string]string) (auth.Session, error)
	Logout(ctx context.Context, caller auth.Claims, token, refreshToken string) error
	// VerifyMatchToken returns the match that a token admits to, and the users it is for (none: anybody).
	VerifyMatchToken(token string) (matchID string, users []string, err error)
}

// Accounts reads and changes accounts.
type Accounts interface {
	Account(ctx context.Context, id string) (auth.Account, error)
	UpdateAccount(ctx context.Context, id string, u auth.Update) error
	DeleteAccount(ctx context.Context, id string) error
	Users(ctx context.Context, ids, usernames []string) ([]auth.Account, error)
}

// MatchTokens makes the tokens that admit to a relayed match. [auth.Service] does.
type MatchTokens interface {
	MatchToken(matchID string, users []string) (string, error)
}

// Matches are the authoritative matches. [match.Registry] is one.
type Matches interface {
	Join(ctx context.Context, q match.JoinRequest) error
	Leave(id match.ID, session string, why match.Reason) error
	Send(id match.ID, session string, m match.Message) error
	List(q match.ListRequest) ([]match.Info, error)
}

// Relays are the client-driven matches. [relay.Hub] is one.
type Relays interface {
	Create(q relay.CreateRequest) (relay.ID, error)
	Join(q relay.JoinRequest) error
	Leave(id relay.ID, session string)
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
	List(ctx context.Context, q leaderboard.ListRequest) (leaderboard.Page, error)
	Around(ctx context.Context, q leaderboard.AroundRequest) (leaderboard.Page, error)
	Submit(ctx context.Context, s leaderboard.Submission) (leaderboard.Ranked, error)
	Withdraw(ctx context.Context, board, owner string) error
	DeleteOwner(ctx context.Context, owner string) error
}
