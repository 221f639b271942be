package auth

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/shoal-go/shoal/tick"
)

func newTestPasswords(workers, queue int) *passwords {
	return newPasswords(workers, queue, bcrypt.MinCost)
}

// occupy starts n callers that work until release is called, and waits until they work or wait for a worker.
func occupy(p *passwords, n int) (running func() int, release func()) {
	done := make(chan struct{})
	started := make(chan struct{}, n)
	for range n {
		go func() {
			_ = p.do(context.Background(), func() {
				started <- struct{}{}
				<-done
			})
		}()
	}
	synctest.Wait()
	return func() int { return len(started) }, func() { close(done) }
}

func TestPasswordsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTestPasswords(2, 3)
		running, release := occupy(p, 5)
		require.Equal(t, 2, running(), "at once")

		err := p.do(t.Context(), func() { t.Error("called") })
		require.ErrorIs(t, err, ErrBusy)
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, CodeResourceExhausted, e.Code)
		require.Equal(t, "Try again later.", e.Text)

		release()
		synctest.Wait()
		require.Equal(t, 5, running(), "all had their turn")
		called := false
		require.NoError(t, p.do(t.Context(), func() { called = true }))
		require.True(t, called)
	})
}

// none are ports that nobody asks.
type none struct{ ports }

type ports interface {
	Accounts
	Identities
	Deletions
	Revocations
	Keys
}

// However many sign in at once, one processor is not theirs: that is what matches tick on.
func TestHashingLeavesAProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, want := range map[int]int{1: 1, 2: 1, 3: 2, 8: 7} {
		runtime.GOMAXPROCS(processors)
		c, err := Config{Accounts: none{}, Identities: none{}, Deletions: none{}, Revocations: none{}, Keys: none{}}.filled()
		require.NoError(t, err)
		require.Equal(t, want, c.HashWorkers)
		require.Equal(t, want*queuePerWorker, c.HashQueue)
	}
}

// witness is a task that looks, at each of its ticks, how many passwords are being hashed.
type witness struct {
	passwords *passwords
	ticks     int // left
	most      int
	done      chan struct{}
}

func (w *witness) Turn(now time.Time) time.Time {
	w.most = max(w.most, len(w.passwords.workers))
	if w.ticks--; w.ticks == 0 {
		close(w.done)
	}
	return now.Add(time.Millisecond)
}

// Everybody signs in, again and again, and matches tick: whenever one does, a processor at least is not hashing.
func TestMatchesTickInALoginStorm(t *testing.T) {
	const processors, players = 4, 32
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	c, err := Config{Accounts: none{}, Identities: none{}, Deletions: none{}, Revocations: none{}, Keys: none{}}.filled()
	require.NoError(t, err)
	p := newPasswords(c.HashWorkers, players, bcrypt.MinCost)
	ctx, stop := context.WithCancel(t.Context())
	var storm sync.WaitGroup
	for range players {
		storm.Go(func() {
			for ctx.Err() == nil {
				if ok, err := p.matches(context.Background(), nil, "password"); ok || err != nil {
					t.Error(ok, err)
					return
				}
			}
		})
	}
	w := &witness{passwords: p, ticks: 20, done: make(chan struct{})}
	matches := tick.NewScheduler(tick.Config{})
	matches.Add(w).Wake()
	storm.Go(func() {
		if err := matches.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	<-w.done
	stop()
	storm.Wait()
	require.Positive(t, w.most, "there was a storm")
	require.Less(t, w.most, processors)
}

func TestPasswordsStopWaitingWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTestPasswords(1, 1)
		_, release := occupy(p, 1)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() { result <- p.do(ctx, func() { t.Error("called") }) }()
		synctest.Wait()
		require.ErrorIs(t, p.do(t.Context(), func() {}), ErrBusy)
		cancel()
		require.ErrorIs(t, <-result, context.Canceled)

		// Its place is free again, and one who comes with an ended context does not work.
		go func() { result <- p.do(t.Context(), func() {}) }()
		synctest.Wait()
		release()
		require.NoError(t, <-result)
		synctest.Wait()
		require.ErrorIs(t, p.do(ctx, func() { t.Error("called") }), context.Canceled)
		require.Empty(t, p.places)
		require.Empty(t, p.workers)
	})
}

func TestPasswordsMatch(t *testing.T) {
	p := newTestPasswords(1, 1)
	ctx := t.Context()
	exact := strings.Repeat("p", 72)
	secret, err := p.hash(ctx, exact)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		secret   []byte
		password string
		want     bool
	}{
		"right":       {secret, exact, true},
		"wrong":       {secret, exact[1:], false},
		"empty":       {secret, "", false},
		"too long":    {secret, exact + "p", false},
		"no secret":   {nil, exact, false},
		"neither":     {nil, "", false},
		"no hash yet": {[]byte{}, exact + exact, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.matches(ctx, c.secret, c.password)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	for _, cost := range []int{bcrypt.MinCost, bcrypt.DefaultCost} {
		got, err := bcrypt.Cost(newPasswords(1, 1, cost).decoy)
		require.NoError(t, err)
		require.Equal(t, cost, got, "unknown accounts take as long")
	}
	ok, err := p.matches(ctx, []byte("$2a$garbage"), exact)
	require.Error(t, err)
	require.False(t, ok)
	_, err = p.hash(ctx, exact+"p")
	require.ErrorIs(t, err, bcrypt.ErrPasswordTooLong)
}

// empty is a store without accounts.
type empty struct{ Identities }

func (empty) AccountByIdentity(context.Context, Kind, string) (Account, []byte, error) {
	return Account{}, nil, ErrNotFound
}

func (empty) Password(context.Context, string) (Account, []byte, error) {
	return Account{}, nil, ErrNotFound
}

// A full queue is told to whoever has a password to check, existing account or not: the work is the same.
func TestSignInWithFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{
			cfg:       Config{Identities: empty{}, Logger: slog.New(slog.DiscardHandler)},
			passwords: newTestPasswords(1, 1),
			revoked:   &revoked{},
			failures:  newFailures(1, 1, time.Minute),
		}
		_, release := occupy(s.passwords, 2)
		for name, signIn := range map[string]func() (Session, error){
			"unknown email": func() (Session, error) { return s.SignInEmail(t.Context(), "ann@example.com", "password", SignIn{}) },
			"new email": func() (Session, error) {
				return s.SignInEmail(t.Context(), "ann@example.com", "password", SignIn{Create: true})
			},
			"unknown username": func() (Session, error) { return s.SignInEmail(t.Context(), "", "password", SignIn{Username: "ann"}) },
		} {
			_, err := signIn()
			require.ErrorIs(t, err, ErrBusy, name)
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok)
			require.Equal(t, CodeResourceExhausted, e.Code, name)
		}
		_, err := s.SignInDevice(t.Context(), "device-0001", SignIn{})
		require.ErrorIs(t, err, ErrNotFound, "needs no hash")
		release()
		synctest.Wait()
	})
}
