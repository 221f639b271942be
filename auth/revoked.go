package auth

import (
	"context"
	"sync"
	"time"
)

// sweepEvery is how often revocations that are no longer needed are forgotten.
const sweepEvery = time.Hour

// keepLonger is for how long a revocation outlives the tokens it refuses, so that clocks that differ, or are put back,
// let none of them in.
const keepLonger = time.Minute

// revoked knows which sessions were ended. Checks are answered from memory; each end is stored first. Safe for
// concurrent use.
//
// Ends of all sessions of a user are numbered by their time in milliseconds, raised where the clock has not moved on
// since the one before. The invariant: a sign-in takes mark() before it reads the account, so the end of a user's
// sessions refuses exactly the sign-ins that may not have seen what came before that end.
type revoked struct {
	store Revocations
	life  time.Duration // of a token family
	turn  chan struct{} // holds one value while a user's sessions are ended: numbers are stored in their order

	mu       sync.RWMutex
	latest   int64            // the greatest number so far
	users    map[string]end   // by user id
	families map[string]int64 // until when, by token family
	swept    int64
}

// end is the last end of all sessions of a user. Times are UNIX milliseconds.
type end struct{ at, until int64 }

func openRevoked(ctx context.Context, store Revocations, life time.Duration) (*revoked, error) {
	now := time.Now()
	stored, err := store.Revocations(ctx, now)
	if err != nil {
		return nil, err
	}
	r := &revoked{
		store:    store,
		life:     life,
		turn:     make(chan struct{}, 1),
		users:    make(map[string]end),
		families: make(map[string]int64),
		swept:    now.UnixMilli(),
	}
	for _, rev := range stored {
		r.add(rev)
	}
	return r, nil
}

// mark returns the number of the latest end.
func (r *revoked) mark() int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.latest
}

// needed returns what of a mark has to stand in the tokens of a user: nothing unless the user's sessions were ended
// before, because every end to come is later than none.
func (r *revoked) needed(user string, mark int64) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if _, ended := r.users[user]; !ended {
		return 0
	}
	return mark
}

// endUser ends all sessions of a user and returns the number of that end.
func (r *revoked) endUser(ctx context.Context, user string) (int64, error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	defer func() { <-r.turn }()
	now := time.Now()
	at := max(now.UnixMilli(), r.mark()+1)
	rev := Revocation{User: user, At: time.UnixMilli(at).UTC(), Until: now.Add(r.life + keepLonger).UTC()}
	return at, r.put(ctx, rev)
}

// endFamily ends one family, whose last token expires at until.
func (r *revoked) endFamily(ctx context.Context, user, family string, until time.Time) error {
	at := time.Now().UTC().Truncate(time.Millisecond)
	return r.put(ctx, Revocation{User: user, Family: family, At: at, Until: until.Add(keepLonger).UTC()})
}

func (r *revoked) put(ctx context.Context, rev Revocation) error {
	if err := r.store.Revoke(ctx, rev); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(rev)
	r.sweep(time.Now().UnixMilli())
	return nil
}

// add needs mu, but in openRevoked.
func (r *revoked) add(rev Revocation) {
	at, until := rev.At.UnixMilli(), rev.Until.UnixMilli()
	if rev.Family != "" {
		r.families[rev.Family] = until
		return
	}
	r.users[rev.User] = end{at: at, until: until}
	r.latest = max(r.latest, at)
}

// sweep needs mu.
func (r *revoked) sweep(now int64) {
	if now < r.swept+sweepEvery.Milliseconds() {
		return
	}
	r.swept = now
	for user, e := range r.users {
		if e.until <= now {
			delete(r.users, user)
		}
	}
	for family, until := range r.families {
		if until <= now {
			delete(r.families, family)
		}
	}
}

// refuses tells whether the session that c speaks for was ended.
func (r *revoked) refuses(c *sessionClaims) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, ended := r.families[c.Family]
	return ended || c.Mark < r.users[c.User].at
}
