package auth

import (
	"net/netip"
	"sync"
	"time"
)

// maxCounted bounds how many accounts and addresses are counted at a time, each. One takes about 100 bytes.
const maxCounted = 1 << 17

// failures limits failed sign-ins by account and by address. Only failures count: who signs in well is never in the
// way of others. Safe for concurrent use.
//
// The limit holds however many attempts run at once, for it is looked at again after the password was hashed: an
// attempt that ends above the limit is not told whether it was right.
type failures struct {
	accounts, addresses counters
}

// counters counts failures by key, each from its first one on for the time of a window.
type counters struct {
	limit  int // negative: none
	window time.Duration
	text   string

	mu     sync.Mutex
	counts map[string]count
	swept  time.Time
}

type count struct {
	failed int
	until  time.Time
}

func newFailures(perAccount, perAddress int, window time.Duration) *failures {
	return &failures{
		accounts: counters{
			limit: perAccount, window: window, counts: make(map[string]count),
			text: "Too many failed attempts for this account, try again later.",
		},
		addresses: counters{
			limit: perAddress, window: window, counts: make(map[string]count),
			text: "Too many failed attempts from this address, try again later.",
		},
	}
}

// attempt is one sign-in on its way.
type attempt struct {
	f                *failures
	account, address string
}

// begin refuses an attempt if there were too many failed ones. account is what names the account, known or not; "" and
// the zero addr are not limited.
func (f *failures) begin(account string, addr netip.Addr) (attempt, error) {
	a := attempt{f: f, account: account}
	if addr.IsValid() {
		a.address = place(addr)
	}
	return a, a.check()
}

// place is what stands for an address: of version 6 the network of a subscriber, who has all addresses in it.
func place(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		prefix, _ := addr.Prefix(64)
		return prefix.String()
	}
	return addr.String()
}

func (a attempt) check() error {
	if err := a.f.accounts.check(a.account); err != nil {
		return err
	}
	return a.f.addresses.check(a.address)
}

// failed counts the attempt and returns err, or why the client may not know it.
func (a attempt) failed(err error) error {
	if refused := a.f.accounts.add(a.account); refused != nil {
		return refused
	}
	if refused := a.f.addresses.add(a.address); refused != nil {
		return refused
	}
	return err
}

// succeeded forgets the failures of the account, unless there are too many of them.
func (a attempt) succeeded() error {
	if err := a.check(); err != nil {
		return err
	}
	a.f.accounts.forget(a.account)
	return nil
}

// check refuses a key that has failed too often.
func (c *counters) check(key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refuse(key, time.Now())
}

// refuse needs mu.
func (c *counters) refuse(key string, now time.Time) error {
	of, ok := c.counts[key]
	if !ok || of.failed < c.limit || !now.Before(of.until) {
		return nil
	}
	return &Error{Code: CodeResourceExhausted, Text: c.text, Err: ErrThrottled, Retry: of.until.Sub(now)}
}

// add counts a failure, unless the key has too many.
func (c *counters) add(key string) error {
	if key == "" || c.limit < 0 {
		return nil
	}
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refuse(key, now); err != nil {
		return err
	}
	of, ok := c.counts[key]
	if !ok && len(c.counts) >= maxCounted {
		c.sweep(now)
	}
	if !now.Before(of.until) {
		of = count{until: now.Add(c.window)}
	}
	of.failed++
	c.counts[key] = of
	return nil
}

// sweep makes room for one more. It needs mu.
func (c *counters) sweep(now time.Time) {
	if now.Sub(c.swept) >= c.window/4 { // not for each failure of an attack
		c.swept = now
		for key, of := range c.counts {
			if !now.Before(of.until) {
				delete(c.counts, key)
			}
		}
	}
	for key := range c.counts {
		if len(c.counts) < maxCounted {
			return
		}
		delete(c.counts, key) // any
	}
}

func (c *counters) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.counts, key)
}
