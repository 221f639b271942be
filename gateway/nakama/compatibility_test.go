package nakama_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

// row is a line of a table in docs/compatibility.md: | `name` | served | note |
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (yes|differs|no) \\| ?(.*?) ?\\|$")

// documented are the rows of docs/compatibility.md below a heading, by name.
func documented(t *testing.T, heading string) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../docs/compatibility.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(b), "\n## "+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	rows := make(map[string]string)
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		require.NotContains(t, rows, m[1], "once is enough")
		rows[m[1]] = m[2]
		if m[2] == "differs" {
			require.NotEmpty(t, m[3], "%s: how does it differ?", m[1])
		}
	}
	require.Len(t, rows, strings.Count(section, "\n| `"), "rows have the form | `name` | yes, differs or no | note |")
	return rows
}

// outsideTheTable are the routes that are not in the table of routes.
var outsideTheTable = []string{"GET /", "GET /ws", "GET /v2/rpc/{id}", "POST /v2/rpc/{id}"}

func TestCompatibilityOfRoutes(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.newAccount("ann")
	rows := documented(t, "HTTP")
	routes := nakama.Routes(w.h)
	known := slices.Sorted(maps.Keys(routes))
	require.Equal(t, slices.Sorted(slices.Values(slices.Concat(known, outsideTheTable))), slices.Sorted(maps.Keys(rows)))
	for name, served := range routes {
		require.Equal(t, served, rows[name] != "no", "%s: docs/compatibility.md says %s", name, rows[name])
		method, path, _ := strings.Cut(name, " ")
		path = regexp.MustCompile(`{\w+}`).ReplaceAllString(path, "x")
		if served {
			require.NotContains(t, w.http(method, path, "").body, "not served here", name)
		} else {
			ann.http(method, path, "").refused(501, nakama.Unimplemented, method+" "+path+" is not served here")
		}
	}
	for _, name := range outsideTheTable {
		require.NotEqual(t, "no", rows[name])
		method, path, _ := strings.Cut(name, " ")
		require.NotContains(t, []int{404, 501}, w.http(method, path, "").status, name)
	}
}

func TestCompatibilityOfEnvelopes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.run()()
		rows := documented(t, "Envelopes")
		descriptor := new(rtapi.Envelope).ProtoReflect().Descriptor().Oneofs().ByName("message").Fields()
		require.Len(t, rows, descriptor.Len())
		for i := range descriptor.Len() {
			field := descriptor.Get(i)
			name := string(field.Name())
			require.Contains(t, rows, name)
			require.Equal(t, w.knows(t, field), rows[name] != "no", "%s: docs/compatibility.md says %s", name, rows[name])
		}
	})
}

// pushed are the messages of the protocol that only a server sends, and this one does.
var pushed = []string{
	"error", "match", "match_data", "match_presence_event", "matchmaker_matched", "matchmaker_ticket", "notifications",
	"party", "party_data", "party_join_request", "party_leader", "party_matchmaker_ticket", "party_presence_event",
	"status", "status_presence_event", "stream_data", "stream_presence_event",
}

// knows reports whether the server serves a message, empty as it is, or sends it itself.
func (w *world) knows(t *testing.T, field protoreflect.FieldDescriptor) bool {
	t.Helper()
	e := &rtapi.Envelope{Cid: "1"}
	e.ProtoReflect().Set(field, e.ProtoReflect().NewField(field))
	c := w.connect("ann", transport.Text)
	defer c.conn.Cut()
	c.send(e)
	if name := string(field.Name()); name == "match_data_send" || name == "pong" {
		return true // which are never answered
	}
	answer := c.next()
	switch answer.GetError().GetMessage() {
	case "Unrecognized message.":
		return slices.Contains(pushed, string(field.Name()))
	default:
		return !strings.HasSuffix(answer.GetError().GetMessage(), "is not served here")
	}
}
