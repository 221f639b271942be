// Package player is a small game client: as much of the client protocol as the tests of the examples play with.
package player

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"

	"github.com/shoal-go/shoal/examples/internal/host"
)

// Player is signed in and has a socket. It is for one goroutine.
type Player struct {
	ID   string // of the user
	url  string
	http string // the token, for requests
	conn *websocket.Conn
	cid  int
}

// Message is data of a match.
type Message struct {
	Op   int64
	Data []byte
}

// SignIn signs a user in by a name of at least 6 bytes, who is new or not, and opens a socket.
func SignIn(ctx context.Context, server, name string) (*Player, error) {
	p := &Player{url: server}
	var session struct{ Token string }
	path := "/v2/account/authenticate/custom?create=true&username=" + url.QueryEscape(name)
	if err := p.post(ctx, path, map[string]string{"id": name}, &session); err != nil {
		return nil, err
	}
	p.http = session.Token
	var account struct{ User struct{ ID string } }
	if err := p.do(ctx, http.MethodGet, "/v2/account", nil, &account); err != nil {
		return nil, err
	}
	p.ID = account.User.ID
	var err error
	socket := "ws" + strings.TrimPrefix(server, "http") + "/ws?token=" + session.Token
	p.conn, _, err = websocket.Dial(ctx, socket, nil) //nolint:bodyclose // the package says that there is nothing to close
	return p, err
}

// Close ends the connection as a player does whose phone has lost it.
func (p *Player) Close() { _ = p.conn.CloseNow() }

// Call calls a function of the server.
func (p *Player) Call(ctx context.Context, function string, reply any) error {
	var answer struct{ Payload string }
	if err := p.post(ctx, "/v2/rpc/"+function, "", &answer); err != nil {
		return err
	}
	return json.Unmarshal([]byte(answer.Payload), reply)
}

// Find returns the ids of the matches that fit a query.
func (p *Player) Find(ctx context.Context, query string) ([]string, error) {
	var list struct {
		Matches []struct {
			ID string `json:"match_id"`
		}
	}
	err := p.do(ctx, http.MethodGet, "/v2/match?authoritative=true&limit=100&query="+url.QueryEscape(query), nil, &list)
	ids := make([]string, len(list.Matches))
	for i, m := range list.Matches {
		ids[i] = m.ID
	}
	return ids, err
}

func (p *Player) post(ctx context.Context, path string, body, reply any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return p.do(ctx, http.MethodPost, path, data, reply)
}

func (p *Player) do(ctx context.Context, method, path string, body []byte, reply any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if p.http == "" {
		req.SetBasicAuth(host.WellKnownKey, "")
	} else {
		req.Header.Set("Authorization", "Bearer "+p.http)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(reply)
}

// frame is what comes over the socket.
type frame struct {
	CID   string
	Error *struct{ Message string }
	Match *struct{}
	Data  *struct {
		Op   int64 `json:"op_code,string"`
		Data []byte
	} `json:"match_data"`
	Presence *struct {
		Leaves []struct {
			User string `json:"user_id"`
		}
	} `json:"match_presence_event"`
	Matched *struct {
		ID string `json:"match_id"`
	} `json:"matchmaker_matched"`
}

// Join takes a seat in a match, or gets back the one the user has.
func (p *Player) Join(ctx context.Context, match string) error {
	if err := p.request(ctx, "match_join", map[string]any{"match_id": match}); err != nil {
		return err
	}
	_, err := p.until(ctx, func(f *frame) bool { return f.Match != nil })
	return err
}

// Matchmake waits for so many players in all and returns the match that they are to join.
func (p *Player) Matchmake(ctx context.Context, players int) (string, error) {
	ticket := map[string]any{"min_count": players, "max_count": players, "query": "*"}
	if err := p.request(ctx, "matchmaker_add", ticket); err != nil {
		return "", err
	}
	f, err := p.until(ctx, func(f *frame) bool { return f.Matched != nil })
	if err != nil {
		return "", err
	}
	return f.Matched.ID, nil
}

// Send sends data to a match.
func (p *Player) Send(ctx context.Context, match string, m Message) error {
	return p.write(ctx, "match_data_send", map[string]any{"match_id": match, "op_code": m.Op, "data": m.Data}, "")
}

// Next is the next data that a match sends.
func (p *Player) Next(ctx context.Context) (Message, error) {
	f, err := p.until(ctx, func(f *frame) bool { return f.Data != nil })
	if err != nil {
		return Message{}, err
	}
	return Message{f.Data.Op, f.Data.Data}, nil
}

// Gone waits until the match of the player is over.
func (p *Player) Gone(ctx context.Context) error {
	_, err := p.until(ctx, func(f *frame) bool {
		return f.Presence != nil && len(f.Presence.Leaves) == 1 && f.Presence.Leaves[0].User == p.ID
	})
	return err
}

// until reads frames up to one that is wanted. An error from the server is one.
func (p *Player) until(ctx context.Context, wanted func(*frame) bool) (*frame, error) {
	for {
		_, data, err := p.conn.Read(ctx)
		if err != nil {
			return nil, err
		}
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			return nil, err
		}
		if f.Error != nil {
			return nil, fmt.Errorf("server: %s", f.Error.Message)
		}
		if wanted(&f) {
			return &f, nil
		}
	}
}

func (p *Player) request(ctx context.Context, kind string, body any) error {
	p.cid++
	return p.write(ctx, kind, body, fmt.Sprint(p.cid))
}

func (p *Player) write(ctx context.Context, kind string, body any, cid string) error {
	envelope := map[string]any{kind: body}
	if cid != "" {
		envelope["cid"] = cid
	}
	data, err := json.Marshal(envelope)
	if err != nil {
		return err
	}
	return p.conn.Write(ctx, websocket.MessageText, data)
}
