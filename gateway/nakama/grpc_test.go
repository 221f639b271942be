package nakama_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
)

// grpcClient calls the API as the clients for Java and Dart do: over HTTP/2 without TLS.
type grpcClient struct {
	w             *world
	authorization string
	transport     http.RoundTripper
}

// grpc puts the server on the network, and returns a client for it.
func (w *world) grpc() *grpcClient {
	w.listen()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &grpcClient{w: w, transport: transport}
}

// as is a client with other credentials.
func (c *grpcClient) as(authorization string) *grpcClient {
	return &grpcClient{c.w, authorization, c.transport}
}

// framed is a message as it is sent.
func framed(m proto.Message) []byte {
	b, err := proto.MarshalOptions{}.MarshalAppend(make([]byte, 5), m)
	if err != nil {
		panic(err) // for text that is no UTF-8
	}
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5))
	return b
}

// send calls a method with bytes, and returns the bytes of the answer, and the status.
func (c *grpcClient) send(method string, body []byte) (answer []byte, code nakama.Code, text string) {
	t := c.w.t
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.w.server.URL+"/nakama.api.Nakama/"+method, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/grpc+proto")
	r.Header.Set("Te", "trailers")
	if c.authorization != "" {
		r.Header.Set("Authorization", c.authorization)
	}
	resp, err := c.transport.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "application/grpc", resp.Header.Get("Content-Type"))
	where := resp.Trailer
	if len(answer) == 0 {
		where = resp.Header
	}
	n, err := strconv.Atoi(where.Get("Grpc-Status"))
	require.NoError(t, err, "%v %v", resp.Header, resp.Trailer)
	text, err = url.PathUnescape(where.Get("Grpc-Message"))
	require.NoError(t, err)
	return answer, nakama.Code(n), text
}

// call wants an answer.
func (c *grpcClient) call(method string, in, out proto.Message) {
	t := c.w.t
	t.Helper()
	b, code, text := c.send(method, framed(in))
	require.Zero(t, code, text)
	require.GreaterOrEqual(t, len(b), 5)
	require.Equal(t, byte(0), b[0])
	require.EqualValues(t, len(b)-5, binary.BigEndian.Uint32(b[1:]))
	require.NoError(t, proto.Unmarshal(b[5:], out))
}

// refused wants an error.
func (c *grpcClient) refused(method string, in proto.Message, code nakama.Code, text string) {
	c.w.t.Helper()
	_, got, message := c.send(method, framed(in))
	require.Equal(c.w.t, code, got, message)
	require.Equal(c.w.t, text, message)
}

func TestGRPC(t *testing.T) {
	var who nakama.Caller
	w := rpcWorld(t, &who)
	require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}))
	nobody := w.grpc()
	game := nobody.as(basic("defaultkey"))
	var s api.Session
	game.call("AuthenticateDevice", &api.AuthenticateDeviceRequest{
		Account: &api.AccountDevice{Id: "device-of-änn", Vars: map[string]string{"a": "b"}}, Username: "änn",
	}, &s)
	require.True(t, s.Created)
	game.refused("AuthenticateDevice", &api.AuthenticateDeviceRequest{
		Account: &api.AccountDevice{Id: "another-device"}, Create: wrapperspb.Bool(false),
	}, nakama.NotFound, "User account not found.")
	game.refused("AuthenticateDevice", &api.AuthenticateDeviceRequest{}, nakama.InvalidArgument, "Device ID is required.")
	nobody.refused("AuthenticateDevice", &api.AuthenticateDeviceRequest{}, nakama.Unauthenticated, "Server key required")
	var again api.Session
	game.call("SessionRefresh", &api.SessionRefreshRequest{Token: s.RefreshToken}, &again)
	require.NotEmpty(t, again.Token)

	ann := nobody.as("Bearer " + s.Token)
	nobody.refused("GetAccount", &emptypb.Empty{}, nakama.Unauthenticated, "Auth token required")
	ann.call("UpdateAccount", &api.UpdateAccountRequest{DisplayName: wrapperspb.String("Änn")}, &emptypb.Empty{})
	ann.refused("UpdateAccount", &api.UpdateAccountRequest{}, nakama.InvalidArgument, "No fields to update.")
	var a api.Account
	ann.call("GetAccount", &emptypb.Empty{}, &a)
	require.Equal(t, [2]string{"änn", "Änn"}, [2]string{a.User.Username, a.User.DisplayName})
	var users api.Users
	ann.call("GetUsers", &api.GetUsersRequest{Ids: []string{a.User.Id}, Usernames: []string{"änn", "bob"}}, &users)
	require.Len(t, users.Users, 1)

	var record api.LeaderboardRecord
	ann.call("WriteLeaderboardRecord", &api.WriteLeaderboardRecordRequest{
		LeaderboardId: "wins", Record: &api.WriteLeaderboardRecordRequest_LeaderboardRecordWrite{Score: 1<<53 + 1},
	}, &record)
	require.EqualValues(t, 1<<53+1, record.Score)
	var records api.LeaderboardRecordList
	ann.call("ListLeaderboardRecords", &api.ListLeaderboardRecordsRequest{
		LeaderboardId: "wins", OwnerIds: []string{a.User.Id}, Limit: wrapperspb.Int32(10), Expiry: wrapperspb.Int64(0),
	}, &records)
	require.Len(t, records.Records, 1)
	require.Len(t, records.OwnerRecords, 1)
	ann.refused("WriteLeaderboardRecord", &api.WriteLeaderboardRecordRequest{LeaderboardId: "größe/x"}, nakama.NotFound, "Not Found")
	ann.refused("ListMatches", &api.ListMatchesRequest{Authoritative: wrapperspb.Bool(false), Label: wrapperspb.String("")},
		nakama.InvalidArgument, "Label filtering is not supported for non-authoritative matches.")
	ann.refused("ListFriends", &api.ListFriendsRequest{}, nakama.Unimplemented, "unknown method ListFriends for service nakama.api.Nakama")

	var out api.Rpc
	ann.call("RpcFunc", &api.Rpc{Id: "ECHO", Payload: "über 50 %"}, &out)
	require.Equal(t, [2]string{"ECHO", "über 50 %"}, [2]string{out.Id, out.Payload})
	require.Equal(t, "änn", who.Presence.Username)
	nobody.call("RpcFunc", &api.Rpc{Id: "echo", HttpKey: "server-to-server"}, &out)
	require.Empty(t, who.Presence)
	nobody.refused("RpcFunc", &api.Rpc{Id: "echo", HttpKey: "x"}, nakama.Unauthenticated, "HTTP key invalid")
	ann.refused("RpcFunc", &api.Rpc{}, nakama.InvalidArgument, "RPC ID must be set")
	ann.refused("RpcFunc", &api.Rpc{Id: "typed"}, nakama.FailedPrecondition, "custom msg")
	ann.refused("RpcFunc", &api.Rpc{Id: "panics"}, nakama.Internal, "Internal server error.")

	for name, body := range map[string]struct {
		bytes []byte
		code  nakama.Code
	}{
		"nothing":    {nil, nakama.InvalidArgument},
		"cut short":  {[]byte{0, 0, 0, 0, 9, 1}, nakama.InvalidArgument},
		"compressed": {[]byte{1, 0, 0, 0, 0}, nakama.Unimplemented},
		"too large":  {[]byte{0, 255, 255, 255, 255}, nakama.ResourceExhausted},
		"no message": {[]byte{0, 0, 0, 0, 1, 255}, nakama.InvalidArgument},
	} {
		for _, method := range []string{"AuthenticateDevice", "RpcFunc"} {
			_, code, text := game.send(method, body.bytes)
			require.Equal(t, body.code, code, "%s: %s", name, text)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/ws?token="+s.Token, nil)
	require.NoError(t, err)
	resp, err := nobody.transport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusHTTPVersionNotSupported, resp.StatusCode, "there are no sockets over HTTP/2")

	ann.call("DeleteAccount", &emptypb.Empty{}, &emptypb.Empty{})
	ann.refused("GetAccount", &emptypb.Empty{}, nakama.Unauthenticated, "Auth token invalid")
}

// otherRoutes have no method of their own: what they do another one does too, or they are no part of the protocol.
var otherRoutes = []string{"GET /readyz", "POST /v2/tournament/{}", "GET /v2/storage/{}/{}"}

// Each route that is served has a method, and each method a route that can make something of its request.
func TestGRPCMethods(t *testing.T) {
	w := newWorld(t, nil)
	require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "x"}))
	nobody := w.grpc()
	ann := w.newAccount("ann")
	braces := regexp.MustCompile(`{\w+}`)
	var served, covered []string
	for route, is := range nakama.Routes(w.h) {
		if route = braces.ReplaceAllString(route, "{}"); is && !slices.Contains(otherRoutes, route) {
			served = append(served, route)
		}
	}
	routes, requests := nakama.GRPCMethods()
	for _, method := range slices.Sorted(maps.Keys(routes)) {
		covered = append(covered, braces.ReplaceAllString(routes[method], "{}"))
		in := requests[method].ProtoReflect()
		for i := range in.Descriptor().Fields().Len() {
			if f := in.Descriptor().Fields().Get(i); f.Kind() == protoreflect.StringKind && !f.IsList() {
				in.Set(f, protoreflect.ValueOfString("x"))
			}
		}
		client := nobody.as("Bearer " + ann.token)
		if strings.HasPrefix(method, "Authenticate") || method == "SessionRefresh" {
			client = nobody.as(basic("defaultkey"))
		}
		if method == "DeleteAccount" || method == "SessionLogout" {
			continue // the others need the account
		}
		_, code, text := client.send(method, framed(in.Interface()))
		require.NotContains(t, []nakama.Code{nakama.Internal, nakama.Unimplemented}, code, "%s: %s", method, text)
		require.NotEqual(t, "Not Found", text, method)
	}
	slices.Sort(served)
	slices.Sort(covered)
	require.Equal(t, served, covered)
}

// Whatever a client sends, it is answered with a status.
func FuzzGRPC(f *testing.F) {
	h, token := fuzzed(f)
	_, requests := nakama.GRPCMethods()
	for method, in := range requests {
		f.Add(method, framed(in))
	}
	f.Add("RpcFunc", framed(&api.Rpc{Id: "echo", Payload: "x"}))
	f.Add("RpcFunc", []byte{1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, method string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.URL.Path, r.ProtoMajor = "/nakama.api.Nakama/"+method, 2
		r.Header.Set("Content-Type", "application/grpc")
		r.Header.Set("Authorization", "Bearer "+token)
		if strings.HasPrefix(method, "Authenticate") {
			r.Header.Set("Authorization", basic("defaultkey"))
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		got := rec.Result()
		require.Equal(t, http.StatusOK, got.StatusCode)
		status := got.Header.Get("Grpc-Status") + got.Trailer.Get("Grpc-Status")
		require.NotEmpty(t, status)
		require.NotEqual(t, "13", status, got.Header.Get("Grpc-Message"))
	})
}
