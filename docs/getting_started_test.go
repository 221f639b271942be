package docs_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/stretchr/testify/require"
)

// TestGettingStarted does what the guide says, in an empty folder: it runs its commands and writes its files, in order.
// The clone is this tree, and what it needs is what this tree needs, by its sums.
func TestGettingStarted(t *testing.T) {
	ctx := t.Context()
	home := t.TempDir()
	tree, err := filepath.Abs(root)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(tree, filepath.Join(home, "shoal")))
	folder := filepath.Join(home, "tag")

	for _, b := range blocks(t, "getting-started.md") {
		if b.lang != "sh" {
			require.NoError(t, os.WriteFile(filepath.Join(folder, b.file), []byte(b.text), 0o600))
			continue
		}
		for line := range strings.Lines(b.text) {
			switch command := strings.Fields(line); {
			case command[0] == "git": // the tree is there
			case command[0] == "mkdir":
				require.NoError(t, os.Mkdir(filepath.Join(home, command[1]), 0o700))
			case command[0] == "cd":
				require.Equal(t, folder, filepath.Join(home, command[1]))
			case strings.Join(command, " ") == "go run .":
				run(ctx, t, folder, "go", "vet", ".")
				run(ctx, t, folder, "go", "build", "-o", "server", ".")
				playTag(ctx, t, filepath.Join(folder, "server"))
				return
			case strings.Join(command, " ") == "go mod tidy":
				sums, err := os.ReadFile("../go.sum")
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(folder, "go.sum"), sums, 0o600))
				run(ctx, t, folder, command...)
			default:
				run(ctx, t, folder, command...)
			}
		}
	}
	t.Fatal("the guide does not come to its end")
}

// run runs a command of the guide.
func run(ctx context.Context, t *testing.T, folder string, command ...string) {
	t.Helper()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir = folder
	// Without paths in what is built, the next run need not build it again.
	c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-trimpath")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%v: %s", command, out)
}

var listening = regexp.MustCompile(`url=(http://\S+)`)

// playTag starts the server, plays as the page does, and stops it.
func playTag(ctx context.Context, t *testing.T, server string) {
	t.Helper()
	c := exec.CommandContext(ctx, server, "-addr", "127.0.0.1:0")
	log, err := c.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	defer func() { _ = c.Process.Kill() }() // unless it has ended
	lines := bufio.NewScanner(log)
	require.True(t, lines.Scan(), "the server says nothing")
	url := listening.FindStringSubmatch(lines.Text())
	require.NotNil(t, url, lines.Text())
	go func() {
		for lines.Scan() { // so that the server can go on writing
		}
	}()

	page, err := http.Get(url[1])
	require.NoError(t, err)
	require.NoError(t, page.Body.Close())
	require.Equal(t, http.StatusOK, page.StatusCode)

	ann, bob := enter(ctx, t, url[1]), enter(ctx, t, url[1])
	ann.steer(ctx, t, `{"x":1,"y":0}`)
	for it := ann.session; it == ann.session; {
		it = bob.field(ctx, t).It
	}

	require.NoError(t, c.Process.Signal(os.Interrupt))
	for _, p := range []*tagger{ann, bob} {
		for err = nil; err == nil; {
			_, _, err = p.socket.Read(ctx)
		}
		require.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err), err)
	}
	require.NoError(t, c.Wait())
}

// tagger is a player, as the page is one.
type tagger struct {
	socket         *websocket.Conn
	match, session string
}

type fields = map[string]any

// enter signs a player in, and into the game.
func enter(ctx context.Context, t *testing.T, url string) *tagger {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v2/account/authenticate/device?create=true",
		strings.NewReader(`{"id":"`+rand.Text()+`"}`))
	require.NoError(t, err)
	r.SetBasicAuth("defaultkey", "")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	var session struct{ Token string }
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&session))

	p := &tagger{}
	p.socket, _, err = websocket.Dial(ctx, url+"/ws?token="+session.Token, nil)
	require.NoError(t, err)
	require.NoError(t, wsjson.Write(ctx, p.socket, fields{"cid": "1", "rpc": fields{"id": "play"}}))
	id := p.await(ctx, t, "rpc")["payload"]
	require.NoError(t, wsjson.Write(ctx, p.socket, fields{"cid": "2", "match_join": fields{"match_id": id}}))
	joined := p.await(ctx, t, "match")
	p.match, p.session = joined["match_id"].(string), joined["self"].(fields)["session_id"].(string)
	return p
}

// await reads up to a message of the kind.
func (p *tagger) await(ctx context.Context, t *testing.T, kind string) fields {
	t.Helper()
	for {
		var message fields
		require.NoError(t, wsjson.Read(ctx, p.socket, &message))
		if found, ok := message[kind].(fields); ok {
			return found
		}
	}
}

func (p *tagger) steer(ctx context.Context, t *testing.T, to string) {
	t.Helper()
	require.NoError(t, wsjson.Write(ctx, p.socket, fields{
		"match_data_send": fields{"match_id": p.match, "op_code": "1", "data": []byte(to)},
	}))
}

// field is the next state of the game.
func (p *tagger) field(ctx context.Context, t *testing.T) (f struct{ It string }) {
	t.Helper()
	data, err := json.Marshal(p.await(ctx, t, "match_data")["data"])
	require.NoError(t, err)
	var raw []byte
	require.NoError(t, json.Unmarshal(data, &raw))
	require.NoError(t, json.Unmarshal(raw, &f))
	return f
}
