package match

import (
	"context"
	"sync"
	"time"
)

// turnContext is the context of all callbacks of one match: it names the match and is done when the match has ended.
// It is part of the match, so that a match that never asks for Done pays nothing for it.
type turnContext struct {
	m    *match
	mu   sync.Mutex
	done chan struct{}
	err  error
}

type matchKey struct{}

func (c *turnContext) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *turnContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

func (c *turnContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *turnContext) Value(key any) any {
	if key == (matchKey{}) {
		return c.m
	}
	return nil
}

func (c *turnContext) cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = context.Canceled
	if c.done != nil {
		close(c.done)
	}
}

// callerIn is the match of the registry r in whose turn a call with ctx is made; nil if it comes from outside.
func callerIn(ctx context.Context, r *Registry) *match {
	m, _ := ctx.Value(matchKey{}).(*match)
	if m == nil || m.r != r {
		return nil
	}
	return m
}
