package auth_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/shoal-go/shoal/auth"
)

var errBroken = errors.New("the disk is gone")

// The keys of every service in these tests, so that a test can forge tokens.
var (
	accessKey  = []byte("access-access-access")
	refreshKey = []byte("refresh-refresh-refresh")
	matchKey   = []byte("match-match-match-match")
)

// fakeStore keeps everything in maps. fail makes calls of a method fail; before, if set, is called first.
type fakeStore struct {
	mu         sync.Mutex
	fail       map[string]error
	before     func(method string)
	accounts   map[string]auth.Account
	identities map[auth.Kind]map[string]owned
	deletions  map[string]time.Time
	revoked    map[[2]string]auth.Revocation
	rotations  map[string][]auth.Rotation
	keys       map[string][]byte
}

type owned struct {
	user   string
	secret []byte
}

func newStore() *fakeStore {
	return &fakeStore{
		fail:     make(map[string]error),
		accounts: make(map[string]auth.Account),
		identities: map[auth.Kind]map[string]owned{
			auth.Email: {}, auth.Device: {}, auth.Custom: {}, auth.Facebook: {}, auth.Steam: {}, auth.Google: {}, auth.GameCenter: {},
		},
		deletions: make(map[string]time.Time),
		revoked:   make(map[[2]string]auth.Revocation),
		rotations: make(map[string][]auth.Rotation),
		keys:      make(map[string][]byte),
	}
}

// enter locks the store and tells whether the method is to fail.
func (f *fakeStore) enter(ctx context.Context, method string) error {
	if f.before != nil {
		f.before(method)
	}
	f.mu.Lock()
	return errors.Join(ctx.Err(), f.fail[method])
}

func (f *fakeStore) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	err := f.enter(ctx, "CreateAccount")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	if _, taken := f.identities[first.Kind][first.ID]; taken {
		return auth.ErrIdentityTaken
	}
	if _, taken := f.named(a.Username); taken {
		return auth.ErrUsernameTaken
	}
	f.accounts[a.ID] = a
	f.identities[first.Kind][first.ID] = owned{a.ID, first.Secret}
	return nil
}

func (f *fakeStore) named(username string) (auth.Account, bool) {
	for _, a := range f.accounts {
		if a.Username == username {
			return a, true
		}
	}
	return auth.Account{}, false
}

func (f *fakeStore) AccountsByID(ctx context.Context, ids []string) (found []auth.Account, err error) {
	err = f.enter(ctx, "AccountsByID")
	defer f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if a, ok := f.accounts[id]; ok {
			found = append(found, a)
		}
	}
	return found, nil
}

func (f *fakeStore) AccountsByUsername(ctx context.Context, names []string) (found []auth.Account, err error) {
	err = f.enter(ctx, "AccountsByUsername")
	defer f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if a, ok := f.named(name); ok {
			found = append(found, a)
		}
	}
	return found, nil
}

func (f *fakeStore) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	err := f.enter(ctx, "UpdateAccount")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	a, ok := f.accounts[id]
	if !ok {
		return auth.ErrNotFound
	}
	if u.Username != nil {
		if other, taken := f.named(*u.Username); taken && other.ID != id {
			return auth.ErrUsernameTaken
		}
		a.Username = *u.Username
	}
	for _, field := range []struct{ to, from *string }{
		{&a.DisplayName, u.DisplayName}, {&a.LangTag, u.LangTag}, {&a.Metadata, u.Metadata},
	} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	a.Updated = at
	f.accounts[id] = a
	return nil
}

func (f *fakeStore) DisableAccount(ctx context.Context, id string, at time.Time) error {
	err := f.enter(ctx, "DisableAccount")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	a, ok := f.accounts[id]
	if !ok {
		return auth.ErrNotFound
	}
	a.Disabled = at
	f.accounts[id] = a
	return nil
}

func (f *fakeStore) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	err := f.enter(ctx, "DeleteAccount")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	if _, ok := f.accounts[id]; ok {
		f.deletions[id] = at
	}
	delete(f.accounts, id)
	for _, byID := range f.identities {
		maps.DeleteFunc(byID, func(_ string, o owned) bool { return o.user == id })
	}
	return nil
}

func (f *fakeStore) AccountByIdentity(ctx context.Context, k auth.Kind, id string) (auth.Account, []byte, error) {
	err := f.enter(ctx, "AccountByIdentity")
	defer f.mu.Unlock()
	if err != nil {
		return auth.Account{}, nil, err
	}
	o, ok := f.identities[k][id]
	if !ok {
		return auth.Account{}, nil, auth.ErrNotFound
	}
	return f.accounts[o.user], o.secret, nil
}

func (f *fakeStore) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	err := f.enter(ctx, "Password")
	defer f.mu.Unlock()
	if err != nil {
		return auth.Account{}, nil, err
	}
	a, ok := f.named(username)
	if !ok {
		return auth.Account{}, nil, auth.ErrNotFound
	}
	return a, f.identities[auth.Email][a.Email].secret, nil
}

func (f *fakeStore) Link(ctx context.Context, user string, i auth.Identity, _ time.Time) error {
	err := f.enter(ctx, "Link")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	if _, ok := f.accounts[user]; !ok {
		return auth.ErrNotFound
	}
	if o, taken := f.identities[i.Kind][i.ID]; taken && o.user != user {
		return auth.ErrIdentityTaken
	}
	if i.Kind != auth.Device {
		maps.DeleteFunc(f.identities[i.Kind], func(_ string, o owned) bool { return o.user == user })
	}
	f.identities[i.Kind][i.ID] = owned{user, i.Secret}
	f.show(user)
	return nil
}

func (f *fakeStore) Unlink(ctx context.Context, user string, kind auth.Kind, id string, _ time.Time) error {
	err := f.enter(ctx, "Unlink")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	own := f.of(user)
	n := len(own)
	own = slices.DeleteFunc(own, func(i auth.Identity) bool { return i.Kind == kind && (id == "" || i.ID == id) })
	switch {
	case len(own) == n:
		return auth.ErrNotFound
	case len(own) == 0:
		return auth.ErrLastIdentity
	}
	maps.DeleteFunc(f.identities[kind], func(of string, o owned) bool { return o.user == user && (id == "" || of == id) })
	f.show(user)
	return nil
}

// of returns the identities of a user.
func (f *fakeStore) of(user string) (ids []auth.Identity) {
	for kind, byID := range f.identities {
		for id, o := range byID {
			if o.user == user {
				ids = append(ids, auth.Identity{Kind: kind, ID: id})
			}
		}
	}
	return ids
}

func (f *fakeStore) show(user string) {
	a := f.accounts[user]
	a.SetIdentities(f.of(user)...)
	f.accounts[user] = a
}

func (f *fakeStore) Deletions(ctx context.Context) (noted []auth.Deletion, err error) {
	err = f.enter(ctx, "Deletions")
	defer f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for user, at := range f.deletions {
		noted = append(noted, auth.Deletion{User: user, At: at})
	}
	return noted, nil
}

func (f *fakeStore) ForgetDeletion(ctx context.Context, user string) error {
	err := f.enter(ctx, "ForgetDeletion")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	delete(f.deletions, user)
	return nil
}

func (f *fakeStore) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (auth.Rotation, error) {
	err := f.enter(ctx, "Rotate")
	defer f.mu.Unlock()
	if err != nil {
		return auth.Rotation{}, err
	}
	of := f.rotations[r.Family]
	for _, old := range of {
		if old.Generation == r.Generation {
			return old, nil
		}
	}
	if n := len(of); n > 0 && of[n-1].Generation > r.Generation {
		return of[n-1], nil
	}
	of = slices.DeleteFunc(of, func(old auth.Rotation) bool { return old.At.Before(since) })
	f.rotations[r.Family] = append(of, r)
	return r, nil
}

func (f *fakeStore) Revoke(ctx context.Context, r auth.Revocation) error {
	err := f.enter(ctx, "Revoke")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	r.At = r.At.Truncate(time.Millisecond) // no finer than promised
	f.revoked[[2]string{r.User, r.Family}] = r
	return nil
}

func (f *fakeStore) Revocations(ctx context.Context, now time.Time) ([]auth.Revocation, error) {
	err := f.enter(ctx, "Revocations")
	defer f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(f.revoked, func(_ [2]string, r auth.Revocation) bool { return !r.Until.After(now) })
	return slices.Collect(maps.Values(f.revoked)), nil
}

func (f *fakeStore) Key(ctx context.Context, name string, candidate []byte) ([]byte, error) {
	err := f.enter(ctx, "Key")
	defer f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if k, ok := f.keys[name]; ok {
		return k, nil
	}
	f.keys[name] = slices.Clone(candidate)
	return candidate, nil
}

// change edits the stored account behind the service's back.
func (f *fakeStore) change(id string, edit func(*auth.Account)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.accounts[id]
	edit(&a)
	f.accounts[id] = a
}

func (f *fakeStore) ban(id string) {
	f.change(id, func(a *auth.Account) { a.Disabled = time.Now() })
}

func (f *fakeStore) breakOn(method string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail[method] = errBroken
}

// config is a Config for tests: known keys, cheap hashes.
func config(f *fakeStore) auth.Config {
	return auth.Config{
		Accounts: f, Identities: f, Deletions: f, Revocations: f, Rotations: f, Keys: f,
		AccessKey: accessKey, RefreshKey: refreshKey, MatchKey: matchKey,
		HashWorkers: 4, BcryptCost: bcrypt.MinCost,
	}
}

func open(t testing.TB, cfg auth.Config) *auth.Service {
	t.Helper()
	s, err := auth.Open(context.Background(), cfg)
	require.NoError(t, err)
	return s
}

// start opens a service on a new store.
func start(t testing.TB) (*auth.Service, *fakeStore) {
	t.Helper()
	f := newStore()
	return open(t, config(f)), f
}

// device signs a device in, creating the account if need be.
func device(t testing.TB, s *auth.Service, id string) auth.Session {
	t.Helper()
	session, err := s.SignInDevice(context.Background(), id, auth.SignIn{Create: true})
	require.NoError(t, err)
	return session
}

// requireError checks what a client and a caller see of an error.
func requireError(t testing.TB, err error, code auth.Code, text string, is error) {
	t.Helper()
	var e *auth.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, text, e.Text)
	require.Equal(t, code, e.Code, "got %v", e.Code)
	require.ErrorIs(t, err, is)
}

func (f *fakeStore) mend(method string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.fail, method)
}

// textLog is a logger that writes lines of text.
func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// code is that of an *auth.Error, and CodeInternal for others.
func code(err error) auth.Code {
	e, _ := errors.AsType[*auth.Error](err)
	if e == nil {
		return auth.CodeInternal
	}
	return e.Code
}
