package main

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"
)

const (
	codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // none that look alike; 32, so that a byte chooses evenly
	codeLength  = 5
	codeFor     = 2 * time.Hour
	maxCodes    = 10_000
)

// codes are short names of private matches, to be told over the phone. It is safe for concurrent use.
type codes struct {
	now func() time.Time

	mu    sync.Mutex
	known map[string]shared // by code
}

type shared struct {
	match string
	until time.Time
}

func newCodes(now func() time.Time) *codes {
	return &codes{now: now, known: make(map[string]shared)}
}

// code is the code of a match, made when it is first asked for.
func (c *codes) code(match string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	for code, s := range c.known {
		if s.match == match && now.Before(s.until) {
			return code
		}
		if now.After(s.until) || len(c.known) >= maxCodes { // any of too many makes room
			delete(c.known, code)
		}
	}
	for {
		raw := make([]byte, codeLength)
		_, _ = rand.Read(raw) // never fails
		for i, b := range raw {
			raw[i] = codeLetters[int(b)%len(codeLetters)]
		}
		if _, taken := c.known[string(raw)]; !taken {
			c.known[string(raw)] = shared{match, now.Add(codeFor)}
			return string(raw)
		}
	}
}

// match is the match of a code, in capitals or not.
func (c *codes) match(code string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.known[strings.ToUpper(strings.TrimSpace(code))]
	return s.match, ok && c.now().Before(s.until)
}
