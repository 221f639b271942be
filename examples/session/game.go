package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// game is the process that a match starts: in place of a headless game engine, a test of reflexes. When all players are
// there it says "go", and who sends "fire" first has won.
type game struct {
	players int
	out     io.Writer // to the match
	over    chan struct{}

	mu      sync.Mutex
	tickets map[string]string // users by ticket
	conns   []net.Conn
	winner  string
}

// playGame plays one game for so many players, and returns when it is over or the match has gone.
func playGame(in io.Reader, out io.Writer, players int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed when the game is over
	if err != nil {
		return err
	}
	g := &game{players: players, out: out, over: make(chan struct{}), tickets: make(map[string]string)}
	go g.admit(in)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.serve(c)
		}
	}()
	fmt.Fprintln(out, "ready", l.Addr())
	<-g.over
	return l.Close()
}

// admit reads who may come. Without a match there is no game.
func (g *game) admit(in io.Reader) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "admit" {
			g.mu.Lock()
			g.tickets[words[1]] = words[2]
			fmt.Fprintln(g.out, "admitted", words[1])
			g.mu.Unlock()
		}
	}
	g.end("")
}

// serve plays with one connection.
func (g *game) serve(c net.Conn) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	if !lines.Scan() {
		return
	}
	user, ok := g.enter(lines.Text(), c)
	if !ok {
		return
	}
	for lines.Scan() {
		if lines.Text() == "fire" {
			g.end(user)
		}
	}
}

// enter lets a player in, once for each ticket. The last one begins the game.
func (g *game) enter(ticket string, c net.Conn) (user string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if user, ok = g.tickets[ticket]; !ok {
		return "", false
	}
	delete(g.tickets, ticket)
	fmt.Fprintln(c, "welcome")
	if g.conns = append(g.conns, c); len(g.conns) == g.players {
		g.tell("go")
	}
	return user, true
}

// end ends the game, once, with a winner if it has begun.
func (g *game) end(winner string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.winner != "" || winner != "" && len(g.conns) < g.players {
		return
	}
	if g.winner = winner; winner != "" {
		g.tell("winner " + winner)
		fmt.Fprintln(g.out, "result", winner)
	}
	close(g.over)
}

func (g *game) tell(line string) {
	for _, c := range g.conns {
		fmt.Fprintln(c, line)
	}
}
