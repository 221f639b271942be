package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/examples/internal/player"
)

// The tests run this binary again as a server, which they kill. The variable names its store.
const serverStore = "SHOAL_TEST_WORDS"

func TestMain(m *testing.M) {
	if db := os.Getenv(serverStore); db != "" {
		game := words{turn: time.Hour, length: 1 << 20}
		fmt.Fprintln(os.Stderr, run(context.Background(), os.Stdout, "127.0.0.1:0", db, game))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// server is a process to be killed.
type server struct {
	*exec.Cmd
	url string
}

func start(t *testing.T, db string) *server {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serverStore+"=sqlite:"+db)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return &server{cmd, strings.TrimSpace(url)}
}

// pair is two players and what they have seen.
type pair struct {
	t     *testing.T
	ctx   context.Context
	match string
	names []string // in the order of play
	in    []*player.Player
	seen  game // the last state that any of them got
	next  int  // numbers words
}

// come signs both in and seats them in their game, and checks that all they have seen is there.
func (p *pair) come(url string) {
	p.t.Helper()
	p.in = nil
	for _, name := range p.names {
		c, err := player.SignIn(p.ctx, url, name)
		require.NoError(p.t, err)
		p.in = append(p.in, c)
		if p.match == "" {
			var reply struct {
				ID string `json:"match_id"`
			}
			require.NoError(p.t, c.Call(p.ctx, "new_game", &reply))
			p.match = reply.ID
		}
		require.NoError(p.t, c.Join(p.ctx, p.match))
		before := slices.Clone(p.seen.Words)
		require.NoError(p.t, p.hear(c))
		require.GreaterOrEqual(p.t, len(p.seen.Words), len(before), "a confirmed word is lost")
		require.Equal(p.t, before, p.seen.Words[:len(before)], "a confirmed word has changed")
	}
}

// hear waits for the next state of the game.
func (p *pair) hear(c *player.Player) error {
	for {
		m, err := c.Next(p.ctx)
		switch {
		case err != nil:
			return err
		case m.Op == opRefused:
			return errors.New(string(m.Data))
		case m.Op == opState:
			p.seen = game{}
			return json.Unmarshal(m.Data, &p.seen)
		}
	}
}

// play makes a move and waits until both have seen it.
func (p *pair) play() error {
	p.next++
	word := "a" + strings.Map(func(d rune) rune { return 'a' + d - '0' }, fmt.Sprint(p.next)) + "a"
	turn := len(p.seen.Words) % 2
	if err := p.in[turn].Send(p.ctx, p.match, player.Message{Op: opPlay, Data: []byte(word)}); err != nil {
		return err
	}
	for _, c := range p.in {
		for len(p.seen.Words) == 0 || p.seen.Words[len(p.seen.Words)-1] != word {
			if err := p.hear(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pair) leave() {
	for _, c := range p.in {
		c.Close()
	}
}

// Many times the server is killed at any moment while two play as fast as they can. No word that one of them has seen is
// ever lost.
func TestKilledServersLoseNoConfirmedWord(t *testing.T) {
	rounds := lives
	if testing.Short() {
		rounds = 5
	}
	db := filepath.Join(t.TempDir(), "words.db")
	p := &pair{t: t, ctx: t.Context(), names: []string{"ann-of-the-words", "bob-of-the-words"}}
	for round := range rounds {
		s := start(t, db)
		p.come(s.url)
		for range 1 + rand.IntN(10) {
			require.NoError(t, p.play())
		}
		killed := time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = s.Process.Kill() })
		for p.play() == nil {
		}
		require.False(t, killed.Stop(), "round %d: the game broke before the server was killed", round)
		require.Error(t, s.Wait())
		p.leave()
	}
	t.Logf("%d words in %d lives", len(p.seen.Words), rounds)
	require.GreaterOrEqual(t, len(p.seen.Words), rounds)
}

// A game of days: the players are hardly ever there together, and the server is restarted in between.
func TestPlayersComeAndGo(t *testing.T) {
	ctx := t.Context()
	db := filepath.Join(t.TempDir(), "words.db")
	s := start(t, db)
	p := &pair{t: t, ctx: ctx, names: []string{"ann-of-the-words", "bob-of-the-words"}}
	p.come(s.url)
	p.leave()
	for i := range 6 {
		if i%2 == 1 {
			require.NoError(t, s.Process.Kill())
			_ = s.Wait()
			s = start(t, db)
		}
		c, err := player.SignIn(ctx, s.url, p.names[i%2])
		require.NoError(t, err)
		mine, err := c.Find(ctx, "+label.players:"+c.ID)
		require.NoError(t, err)
		require.Equal(t, []string{p.match}, mine, "the game is listed while it sleeps")
		require.NoError(t, c.Join(ctx, p.match))
		require.NoError(t, p.hear(c))
		require.Len(t, p.seen.Words, i)
		p.in = []*player.Player{c, c}
		require.NoError(t, p.play())
		c.Close()
	}
	require.NoError(t, s.Process.Kill())
	_ = s.Wait()
}
