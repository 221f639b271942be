package nakama_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/storage"
)

// The fixed texts of the protocol.
const (
	versionText  = "Storage write rejected - version check failed."
	writeText    = "Storage write rejected - permission denied."
	deleteText   = "Storage delete rejected - not found, version check failed, or permission denied."
	unsetText    = "Invalid collection or key value supplied. They must be set."
	userIDText   = "Invalid user ID - make sure user ID is a valid UUID."
	limitText    = "Invalid limit - limit must be between 1 and 100."
	cursorText   = "Malformed cursor was used."
	systemUserID = "00000000-0000-0000-0000-000000000000"
)

// doc are the fields of an object, or of a part of it, as clients send them.
type doc map[string]any

// save is an object of the collection "saves".
func save(key, value string, more doc) doc {
	d := doc{"collection": "saves", "key": key, "value": value}
	maps.Copy(d, more)
	return d
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func (a *account) put(docs ...doc) answer {
	a.w.t.Helper()
	return a.http("PUT", "/v2/storage", jsonText(a.w.t, doc{"objects": docs}))
}

// puts writes objects and returns their acks.
func (a *account) puts(docs ...doc) []any {
	a.w.t.Helper()
	acks, _ := a.put(docs...).ok()["acks"].([]any)
	require.Len(a.w.t, acks, len(docs))
	return acks
}

func (a *account) drop(ids ...doc) answer {
	a.w.t.Helper()
	return a.http("PUT", "/v2/storage/delete", jsonText(a.w.t, doc{"object_ids": ids}))
}

func (a *account) read(ids ...doc) answer {
	a.w.t.Helper()
	return a.http("POST", "/v2/storage", jsonText(a.w.t, doc{"object_ids": ids}))
}

// found are the objects of an answer.
func (a answer) found() []map[string]any {
	a.t.Helper()
	var out []map[string]any
	objects, _ := a.ok()["objects"].([]any)
	for _, o := range objects {
		out = append(out, o.(map[string]any))
	}
	return out
}

// keys are those of the objects of an answer.
func (a answer) keys() []string {
	a.t.Helper()
	var out []string
	for _, o := range a.found() {
		out = append(out, o["key"].(string))
	}
	return out
}

func TestHTTPStorage(t *testing.T) {
	t.Run("shapes", storageShapes)
	t.Run("H083", storageVersions)
	t.Run("H084", storageProtected)
	t.Run("H085", storageVisibility)
	t.Run("H086", storageDeletes)
	t.Run("what is refused", storageRefusals)
}

func storageShapes(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann := w.newAccount("ann")
	const value = `{ "b":1,  "a":"\u00e9", "a":2 }`
	acks := ann.puts(save("two", value, nil), save("one", "{}", doc{"permissionRead": 2, "permission_write": 0}))
	ack := acks[0].(map[string]any)
	for _, name := range []string{"create_time", "update_time"} {
		require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`, ack[name])
		delete(ack, name)
	}
	require.Equal(t, map[string]any{
		"collection": "saves", "key": "two", "version": storage.Version(value), "user_id": ann.id,
	}, ack)
	require.Equal(t, "one", acks[1].(map[string]any)["key"], "in the order of the request")

	got := ann.read(doc{"collection": "saves", "key": "two", "userId": ann.id}).found()
	require.Len(t, got, 1)
	for _, name := range []string{"create_time", "update_time"} {
		require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, got[0][name])
		delete(got[0], name)
	}
	require.Equal(t, map[string]any{
		"collection": "saves", "key": "two", "user_id": ann.id, "value": value, "version": storage.Version(value),
		"permission_read": 1.0, "permission_write": 1.0,
	}, got[0], "the text as it came")
	got = ann.read(doc{"collection": "saves", "key": "one", "user_id": strings.ToUpper(ann.id)}).found()
	require.Equal(t, 2.0, got[0]["permission_read"])
	require.NotContains(t, got[0], "permission_write")

	for _, ask := range []string{"PUT /v2/storage", "POST /v2/storage", "PUT /v2/storage/delete"} {
		method, path, _ := strings.Cut(ask, " ")
		ann.http(method, path, "").nothing()
		w.http(method, path, "{}").unauthenticated("Auth token required")
	}
	ann.http("GET", "/v2/storage/nothing", "").nothing()
}

func storageVersions(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann := w.newAccount("ann")
	ann.put(save("slot", "{}", doc{"version": storage.Version("{}")})).invalid(versionText)
	ack := ann.puts(save("slot", `{"n":1}`, doc{"version": "*"}))[0].(map[string]any)
	for _, wrong := range []string{"*", "wrong", storage.Version("{}"), strings.ToUpper(ack["version"].(string))} {
		ann.put(save("slot", `{"n":2}`, doc{"version": wrong})).invalid(versionText)
	}
	next := ann.puts(save("slot", `{"n":2}`, doc{"version": ack["version"]}))[0].(map[string]any)
	require.NotEqual(t, ack["version"], next["version"])
	require.Equal(t, ack["create_time"], next["create_time"])
	ann.put(save("slot", `{"n":3}`, doc{"version": ack["version"]})).invalid(versionText)

	again := ann.puts(save("slot", `{"n":2}`, nil))[0].(map[string]any)
	require.Equal(t, next["update_time"], again["update_time"], "the same again changes nothing")
	require.NotEqual(t, next["version"], ann.puts(save("slot", `{"n":4}`, nil))[0].(map[string]any)["version"], "the last wins")

	var mu sync.Mutex
	var wg sync.WaitGroup
	statuses := map[int]int{}
	for i := range 20 {
		wg.Go(func() {
			got := ann.put(save("race", fmt.Sprintf(`{"by":%d}`, i), doc{"version": "*"}))
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
		})
	}
	wg.Wait()
	require.Equal(t, map[int]int{http.StatusOK: 1, http.StatusBadRequest: 19}, statuses, "exactly one is the first")
}

func storageProtected(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann := w.newAccount("ann")
	ann.puts(save("card", "{}", doc{"permission_write": 0}), save("free", "{}", nil))
	ann.put(save("card", `{"n":2}`, nil)).invalid(writeText)
	ann.put(save("card", `{"n":2}`, doc{"permission_write": 1})).invalid(writeText) // it cannot be taken back
	ann.drop(doc{"collection": "saves", "key": "card"}).invalid(deleteText)

	t.Log("all or nothing")
	ann.put(save("new", "{}", nil), save("free", `{"n":2}`, nil), save("card", `{"n":2}`, nil)).invalid(writeText)
	ann.drop(doc{"collection": "saves", "key": "free"}, doc{"collection": "saves", "key": "card"}).invalid(deleteText)
	for _, o := range ann.http("GET", "/v2/storage/saves?limit=100&user_id="+ann.id, "").found() {
		require.Contains(t, []string{"card", "free"}, o["key"])
		require.Equal(t, "{}", o["value"])
	}

	t.Log("the host may")
	card := storage.ID{Collection: "saves", Key: "card", Owner: ann.id}
	_, err := w.objects.Write(t.Context(), []storage.Put{{ID: card, Value: `{"n":9}`, Readers: storage.Owner}})
	require.NoError(t, err)
	require.Equal(t, `{"n":9}`, ann.read(doc{"collection": "saves", "key": "card", "user_id": ann.id}).found()[0]["value"])
	require.NoError(t, w.objects.Delete(t.Context(), []storage.Removal{{ID: card}}))
}

func storageVisibility(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	for _, owner := range []string{ann.id, ""} {
		for readers, key := range []string{"hidden", "own", "public"} {
			_, err := w.objects.Write(t.Context(), []storage.Put{{
				ID:    storage.ID{Collection: "saves", Key: key, Owner: owner},
				Value: "{}", Readers: storage.Access(readers), Writers: storage.Owner,
			}})
			require.NoError(t, err)
		}
	}
	ids := func(user string) []doc {
		return []doc{
			{"collection": "saves", "key": "public", "user_id": user},
			{"collection": "saves", "key": "own", "user_id": user},
			{"collection": "saves", "key": "hidden", "user_id": user},
			{"collection": "saves", "key": "missing", "user_id": user},
		}
	}
	require.Equal(t, []string{"public", "own"}, ann.read(ids(ann.id)...).keys())
	require.Equal(t, []string{"public"}, ben.read(ids(ann.id)...).keys())
	require.Empty(t, ann.read(ids(ben.id)...).keys())
	system := ann.read(ids("")...).found()
	require.Len(t, system, 1, "without a user it is the system's, not the caller's")
	require.Equal(t, systemUserID, system[0]["user_id"])

	list := func(who *account, query string) []string {
		return who.http("GET", "/v2/storage/saves"+query, "").keys()
	}
	for _, of := range []string{"?limit=10&user_id=" + ann.id, "/" + ann.id + "?limit=10", "/" + ann.id + "?limit=10&user_id=" + ben.id} {
		require.Equal(t, []string{"own", "public"}, list(ann, of), of)
		require.Equal(t, []string{"public"}, list(ben, of), of)
	}
	require.Equal(t, []string{"public", "public"}, list(ben, "?limit=10"), "everybody's")
	require.Equal(t, []string{"public", "public"}, list(ben, "?limit=10&user_id="), "an empty user is none")
	require.Equal(t, []string{"public"}, list(ann, "/"+systemUserID+"?limit=10"))

	t.Log("page by page, one at a time unless asked otherwise")
	query := "?user_id=" + ann.id
	first := ann.http("GET", "/v2/storage/saves"+query, "")
	require.Equal(t, []string{"own"}, first.keys())
	next := query + "&cursor=" + url.QueryEscape(first.ok()["cursor"].(string))
	second := ann.http("GET", "/v2/storage/saves"+next, "")
	require.Equal(t, []string{"public"}, second.keys())
	require.NotContains(t, second.ok(), "cursor")
	ann.http("GET", "/v2/storage/others"+next, "").invalid(cursorText)
	ann.http("GET", "/v2/storage/saves?cursor=x", "").invalid(cursorText)
}

func storageDeletes(t *testing.T) {
	w := newWorld(t, nil)
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	slot := doc{"collection": "saves", "key": "slot"}
	ann.drop(slot).invalid(deleteText)
	version := ann.puts(save("slot", "{}", doc{"permission_read": 2}))[0].(map[string]any)["version"]
	ben.drop(doc{"collection": "saves", "key": "slot", "user_id": ann.id}).invalid(deleteText)
	ann.drop(doc{"collection": "saves", "key": "slot", "version": "wrong"}).invalid(deleteText)
	ann.drop(doc{"collection": "saves", "key": "slot", "version": version}).nothing()
	ann.drop(slot).invalid(deleteText)
	require.NoError(t, w.objects.Delete(t.Context(), []storage.Removal{{ID: storage.ID{Collection: "saves", Key: "slot", Owner: ann.id}}}),
		"for the host, gone is gone")
}

func storageRefusals(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.newAccount("ann")
	long := strings.Repeat("é", 129)
	for text, docs := range map[string][]doc{
		unsetText: {{"collection": "", "key": "k", "value": "{}"}, {"collection": "c", "value": "{}"}, save("k", "", nil)},
		"Invalid collection or key value supplied. They must be 1-128 characters.": {save(long, "{}", nil), {"collection": long, "key": "k", "value": "{}"}},
		"Value must be a JSON object.":                                             {save("k", "[]", nil), save("k", `{"a":`, nil), save("k", "null", nil)},
		"Invalid Read permission supplied. It must be either 0, 1 or 2.":           {save("k", "{}", doc{"permission_read": 3}), save("k", "{}", doc{"permission_read": -1})},
		"Invalid Write permission supplied. It must be either 0 or 1.":             {save("k", "{}", doc{"permission_write": 2})},
		"invalid value for int32":                                                  {save("k", "{}", doc{"permission_write": "x"})},
	} {
		for _, d := range docs {
			ann.put(save("good", "{}", nil), d).invalid(text)
		}
	}
	for _, ask := range []func(...doc) answer{ann.read, ann.drop} {
		ask(doc{"collection": "saves"}).invalid(unsetText)
		ask(doc{"key": "slot"}).invalid(unsetText)
		ask(doc{"collection": "saves", "key": long}).invalid("1-128 characters")
	}
	for _, id := range []string{"x", systemUserID, ann.id + "0"} {
		ann.read(doc{"collection": "saves", "key": "slot", "user_id": id}).invalid(userIDText)
	}
	for query, text := range map[string]string{
		"?limit=0": limitText, "?limit=101": limitText, "?limit=-1": limitText, "?user_id=x": userIDText, "/x": userIDText,
		"?limit=": "parsing field", "?limit=x": "parsing field", "?cursor=a&cursor=b": "too many values",
	} {
		ann.http("GET", "/v2/storage/saves"+query, "").invalid(text)
	}
	ann.http("GET", "/v2/storage/"+url.PathEscape(long), "").invalid("1-128 characters")
	require.Empty(t, ann.http("GET", "/v2/storage/saves?limit=100&user_id="+ann.id, "").keys(), "nothing was written")
}

func TestHTTPStorageFailures(t *testing.T) {
	var j journal
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		broken, err := storage.New(storage.Config{Store: brokenStore{}})
		require.NoError(t, err)
		c.Objects, c.Logger = broken, j.logger()
	})
	ann := w.newAccount("ann")
	id := doc{"collection": "saves", "key": "slot"}
	for text, got := range map[string]answer{
		"Error writing storage objects.":  ann.put(save("slot", "{}", nil)),
		"Error reading storage objects.":  ann.read(id),
		"Error deleting storage objects.": ann.drop(id),
		"Error listing storage objects.":  ann.http("GET", "/v2/storage/saves", ""),
	} {
		got.refused(http.StatusServiceUnavailable, nakama.Unavailable, text)
	}
	require.Contains(t, j.String(), errStore.Error())
	ann.http("GET", "/v2/account", "").ok()
}
