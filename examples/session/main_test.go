package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/examples/internal/player"
)

// The tests run this binary again as a game. The variable says so.
const gameProcess = "SHOAL_TEST_GAME"

func TestMain(m *testing.M) {
	if os.Getenv(gameProcess) != "" {
		if err := playGame(os.Stdin, os.Stdout, 2); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve runs a server with a kind of game until the test ends.
func serve(t *testing.T, program ...string) (ctx context.Context, url string) {
	t.Helper()
	ctx = t.Context()
	serving, stop := context.WithCancel(ctx)
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- run(serving, in, "127.0.0.1:0", "memory:", 50*time.Millisecond, session{program: program, players: 2})
		_ = in.Close()
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-served)
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return ctx, strings.TrimSpace(url)
}

// meet signs two players in, and seats them in a match.
func meet(ctx context.Context, t *testing.T, url string) (ann, bob *player.Player) {
	t.Helper()
	var both [2]*player.Player
	ids := make(chan string, 2)
	for i, name := range []string{"ann-at-the-session", "bob-at-the-session"} {
		p, err := player.SignIn(ctx, url, name)
		require.NoError(t, err)
		t.Cleanup(p.Close)
		both[i] = p
		go func() {
			id, err := p.Matchmake(ctx, 2)
			if err != nil {
				id = err.Error()
			}
			ids <- id
		}()
	}
	first, second := <-ids, <-ids
	require.Equal(t, first, second)
	for _, p := range both {
		require.NoError(t, p.Join(ctx, first))
	}
	return both[0], both[1]
}

// enter takes a player into the game that the match names.
func enter(ctx context.Context, t *testing.T, p *player.Player) (net.Conn, *bufio.Scanner) {
	t.Helper()
	m, err := p.Next(ctx)
	require.NoError(t, err)
	require.EqualValues(t, opGo, m.Op)
	var where struct{ Address, Ticket string }
	require.NoError(t, json.Unmarshal(m.Data, &where))
	c, err := new(net.Dialer).DialContext(ctx, "tcp", where.Address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	fmt.Fprintln(c, where.Ticket)
	lines := bufio.NewScanner(c)
	hears(t, lines, "welcome")
	return c, lines
}

func hears(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	require.True(t, lines.Scan(), "waiting for %q", want)
	require.Equal(t, want, lines.Text())
}

// play lets ann win, and checks that both hear of it from the game and from the match.
func play(ctx context.Context, t *testing.T, ann, bob *player.Player) {
	t.Helper()
	anns, annHears := enter(ctx, t, ann)
	_, bobHears := enter(ctx, t, bob)
	hears(t, annHears, "go")
	hears(t, bobHears, "go")
	fmt.Fprintln(anns, "fire")
	hears(t, bobHears, "winner "+ann.ID)
	for _, p := range []*player.Player{ann, bob} {
		m, err := p.Next(ctx)
		require.NoError(t, err)
		require.EqualValues(t, opResult, m.Op)
		require.JSONEq(t, fmt.Sprintf(`{"winner":%q}`, ann.ID), string(m.Data))
		require.NoError(t, p.Gone(ctx))
	}
}

func TestAGameOutsideOfTheServer(t *testing.T) {
	ctx, url := serve(t, "env", gameProcess+"=1", os.Args[0])
	ann, bob := meet(ctx, t, url)
	play(ctx, t, ann, bob)
}

func TestAGameThatDiesIsStartedAgain(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "died")
	ctx, url := serve(t, "sh", "-c", fmt.Sprintf(`[ -e %q ] || { touch %q; exit 1; }; %s=1 exec %q`, mark, mark, gameProcess, os.Args[0]))
	ann, bob := meet(ctx, t, url)
	play(ctx, t, ann, bob)
}

func TestNoGame(t *testing.T) {
	for name, program := range map[string][]string{
		"dies each time":    {"false"},
		"is not even there": {filepath.Join(t.TempDir(), "nothing")},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, url := serve(t, program...)
			ann, bob := meet(ctx, t, url)
			for _, p := range []*player.Player{ann, bob} {
				m, err := p.Next(ctx)
				require.NoError(t, err)
				require.EqualValues(t, opFailed, m.Op)
				require.NoError(t, p.Gone(ctx))
			}
		})
	}
}

// A ticket is good once, a stranger has none, and a game does not outlive its match.
func TestTheGameProcess(t *testing.T) {
	in, match := io.Pipe()
	says, out := io.Pipe()
	played := make(chan error, 1)
	go func() { played <- playGame(in, out, 2) }()
	lines := bufio.NewScanner(says)
	require.True(t, lines.Scan())
	address := strings.TrimPrefix(lines.Text(), "ready ")
	fmt.Fprintln(match, "admit ticket-1 ann")
	hears(t, lines, "admitted ticket-1")
	for _, c := range []struct {
		ticket string
		in     bool
	}{{"stranger", false}, {"ticket-1", true}, {"ticket-1", false}} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		require.NoError(t, err)
		defer conn.Close()
		fmt.Fprintln(conn, c.ticket)
		if c.in {
			hears(t, bufio.NewScanner(conn), "welcome")
			fmt.Fprintln(conn, "fire") // too early: the game has not begun
			continue
		}
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
	}
	require.NoError(t, match.Close())
	require.NoError(t, <-played)
}
