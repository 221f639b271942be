package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/shoal-go/shoal/examples/internal/player"
)

// fight looks for an opponent and fights until there is a winner.
func fight(ctx context.Context, url, name string) (winner string, err error) {
	p, err := player.SignIn(ctx, url, name)
	if err != nil {
		return "", err
	}
	defer p.Close()
	id, err := p.Matchmake(ctx, 2)
	if err != nil {
		return "", err
	}
	if err := p.Join(ctx, id); err != nil {
		return "", err
	}
	for {
		m, err := p.Next(ctx)
		if err != nil {
			return "", err
		}
		var v view
		if err := json.Unmarshal(m.Data, &v); err != nil {
			return "", err
		}
		switch {
		case v.Winner != "":
			return v.Winner, p.Gone(ctx)
		case v.Yours:
			card := player.Message{Op: opPlay, Data: []byte(strconv.Itoa(v.Hand[0]))}
			if err := p.Send(ctx, id, card); err != nil {
				return "", err
			}
		}
	}
}

func TestADuelOverTheGateway(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- run(ctx, in, "127.0.0.1:0", "memory:", 50*time.Millisecond, duel{turn: turn})
		_ = in.Close()
	}()
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	var both errgroup.Group
	var winners [2]string
	for i, name := range []string{"ann-the-fighter", "bob-the-fighter"} {
		both.Go(func() (err error) {
			winners[i], err = fight(ctx, strings.TrimSpace(url), name)
			return err
		})
	}
	require.NoError(t, both.Wait())
	require.NotEmpty(t, winners[0])
	require.Equal(t, winners[0], winners[1])
	stop()
	require.NoError(t, <-served)
}
