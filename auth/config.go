package auth

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	defaultTokenTTL      = time.Minute
	defaultRefreshTTL    = time.Hour
	defaultFamilyTTL     = 30 * 24 * time.Hour
	defaultMatchTokenTTL = 30 * time.Second
	defaultRotateGrace   = 30 * time.Second

	defaultFailuresPerAccount = 10
	defaultFailuresPerAddress = 100
	defaultFailureWindow      = time.Minute

	// queuePerWorker hashes of about 57 ms each keep the last in the queue waiting for less than 2 s; clients give
	// up after 3 s.
	queuePerWorker = 32

	keyBytes    = 32 // of a generated key
	minKeyBytes = 16 // of a given key
)

// Config is what [Open] needs. The ports are required, with the exceptions they name; the rest has sensible zero values.
type Config struct {
	Accounts    Accounts
	Identities  Identities
	Deletions   Deletions
	Revocations Revocations
	Rotations   Rotations // may be nil without Rotate
	Keys        Keys      // may be nil when AccessKey, RefreshKey and MatchKey are all given

	// Providers vouch for the identities of third parties, by kind: Apple, Facebook, FacebookInstantGame, GameCenter,
	// Google, Steam. A kind that is missing is refused as not configured.
	Providers map[Kind]Provider

	// Belongings delete what other stores keep of a user, when the account is deleted. They are called by several
	// goroutines at once, repeatedly, and again until they succeed: so what is gone already is no error. For the stores of
	// this module they are Boards.DeleteOwner of package leaderboard, DeleteObjectsOf and DeleteNotificationsOf.
	Belongings []func(ctx context.Context, user string) error

	// The keys that sign access, refresh and match tokens, at least 16 bytes each, no two equal. nil: generated
	// once and kept in Keys.
	AccessKey, RefreshKey, MatchKey []byte

	// How long tokens live, at least a second. No access or refresh token lives longer than its family.
	TokenTTL      time.Duration // access tokens; 0 means 60 s
	RefreshTTL    time.Duration // refresh tokens; 0 means 1 hour
	MatchTokenTTL time.Duration // match tokens; 0 means 30 s

	// FamilyTTL is how long after a sign-in its tokens can be refreshed before the user has to sign in again, and so
	// how long a revocation has to be kept. 0 means 30 days.
	FamilyTTL time.Duration

	// Rotate makes a refresh token good for one exchange. Within RotateGrace the same token gives the same successors
	// again, for clients that missed the reply or refresh twice at once; later use ends the family. It ends the
	// sessions of clients that keep the token of the sign-in, as the official one does over a reload, if its users do
	// not save the new one. false: a refresh token is good until it expires.
	Rotate      bool
	RotateGrace time.Duration // 0 means 30 s

	// SingleSession makes each sign-in end all earlier sessions of the user.
	SingleSession bool

	HashWorkers int // passwords hashed at once; 0 means one less than GOMAXPROCS, at least 1
	HashQueue   int // sign-ins that may wait for a worker; 0 means 32 for each worker
	BcryptCost  int // 0 means 10, about 60 ms for each password; at most 31

	// After how many failed sign-ins within a window all further ones are refused until it is over: to one account,
	// known or not, and from one address (of version 6: one network of 64 bits). A good one clears those of its account.
	// Negative: no limit.
	FailuresPerAccount int           // 0 means 10
	FailuresPerAddress int           // 0 means 100
	FailureWindow      time.Duration // 0 means 1 minute

	// Hooks are told what happens. The zero value tells nobody.
	Hooks Hooks
	// Logger gets failures of the stores. nil drops them.
	Logger *slog.Logger
}

func (c Config) filled() (Config, error) {
	if c.Accounts == nil || c.Identities == nil || c.Deletions == nil || c.Revocations == nil {
		return c, errors.New("auth: Config needs Accounts, Identities, Deletions and Revocations")
	}
	if c.Rotate && c.Rotations == nil {
		return c, errors.New("auth: Config.Rotate needs Rotations")
	}
	for k, p := range c.Providers {
		if _, known := providers[k]; !known || p == nil {
			return c, fmt.Errorf("auth: Config.Providers: %q is no kind that has a provider, or has none", k)
		}
	}
	if c.Keys == nil && (c.AccessKey == nil || c.RefreshKey == nil || c.MatchKey == nil) {
		return c, errors.New("auth: Config needs Keys, or all three keys")
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		zero  time.Duration
	}{
		{"TokenTTL", &c.TokenTTL, defaultTokenTTL},
		{"RefreshTTL", &c.RefreshTTL, defaultRefreshTTL},
		{"FamilyTTL", &c.FamilyTTL, defaultFamilyTTL},
		{"MatchTokenTTL", &c.MatchTokenTTL, defaultMatchTokenTTL},
		{"RotateGrace", &c.RotateGrace, defaultRotateGrace},
		{"FailureWindow", &c.FailureWindow, defaultFailureWindow},
	} {
		if *d.value == 0 {
			*d.value = d.zero
		}
		if *d.value < time.Second {
			return c, fmt.Errorf("auth: Config.%s is %v, less than a second", d.name, *d.value)
		}
	}
	if c.HashWorkers < 0 || c.HashQueue < 0 {
		return c, errors.New("auth: Config.HashWorkers or HashQueue is negative")
	}
	if c.HashWorkers == 0 {
		c.HashWorkers = max(1, runtime.GOMAXPROCS(0)-1)
	}
	if c.HashQueue == 0 {
		c.HashQueue = queuePerWorker * c.HashWorkers
	}
	if c.BcryptCost == 0 {
		c.BcryptCost = bcrypt.DefaultCost
	}
	if c.BcryptCost < bcrypt.MinCost || c.BcryptCost > bcrypt.MaxCost {
		return c, fmt.Errorf("auth: Config.BcryptCost is %d, not %d to %d", c.BcryptCost, bcrypt.MinCost, bcrypt.MaxCost)
	}
	c.FailuresPerAccount = cmp.Or(c.FailuresPerAccount, defaultFailuresPerAccount)
	c.FailuresPerAddress = cmp.Or(c.FailuresPerAddress, defaultFailuresPerAddress)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Service signs users in and knows who a token speaks for. It is safe for concurrent use. It starts no goroutine and needs
// no closing.
type Service struct {
	cfg                    Config
	access, refresh, match *signer
	revoked                *revoked
	passwords              *passwords
	failures               *failures

	mu       sync.Mutex
	watchers []func(Ending)
}

// Open reads the keys and revocations from their stores, making the keys that are missing, and returns the service.
func Open(ctx context.Context, cfg Config) (*Service, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	keys := []struct {
		name string // in the store: never change it
		key  *[]byte
	}{
		{"auth.access", &cfg.AccessKey},
		{"auth.refresh", &cfg.RefreshKey},
		{"auth.match", &cfg.MatchKey},
	}
	for i, k := range keys {
		if *k.key, err = key(ctx, cfg.Keys, k.name, *k.key); err != nil {
			return nil, fmt.Errorf("auth: key %s: %w", k.name, err)
		}
		for _, other := range keys[:i] {
			if bytes.Equal(*k.key, *other.key) {
				return nil, fmt.Errorf("auth: keys %s and %s are equal", other.name, k.name)
			}
		}
	}
	s := &Service{
		cfg:       cfg,
		access:    newSigner(cfg.AccessKey),
		refresh:   newSigner(cfg.RefreshKey),
		match:     newSigner(cfg.MatchKey),
		passwords: newPasswords(cfg.HashWorkers, cfg.HashQueue, cfg.BcryptCost),
		failures:  newFailures(cfg.FailuresPerAccount, cfg.FailuresPerAddress, cfg.FailureWindow),
	}
	if s.revoked, err = openRevoked(ctx, cfg.Revocations, cfg.FamilyTTL); err != nil {
		return nil, fmt.Errorf("auth: read revocations: %w", err)
	}
	return s, nil
}

// key returns the given key, or the stored one, which it makes if need be.
func key(ctx context.Context, keys Keys, name string, given []byte) ([]byte, error) {
	k := bytes.Clone(given)
	if k == nil {
		candidate := make([]byte, keyBytes)
		if _, err := rand.Read(candidate); err != nil {
			return nil, err
		}
		var err error
		if k, err = keys.Key(ctx, name, candidate); err != nil {
			return nil, err
		}
	}
	if len(k) < minKeyBytes {
		return nil, fmt.Errorf("%d bytes are too few, need %d", len(k), minKeyBytes)
	}
	return k, nil
}
