package nakama

import (
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// grpcMethod is a method of the gRPC service, and the route that answers it.
type grpcMethod struct {
	// route is the method and the path of a route. What stands in braces is a field of the request; its other fields are
	// the query of the route.
	route string
	// body is the field of the request that is the body of the route: "" for none, "*" for the request itself.
	body    string
	request proto.Message
}

// grpcMethods are what clients call, by name. Methods of routes that are not served are not in it, nor is RpcFunc.
var grpcMethods = map[string]grpcMethod{
	"Healthcheck": {"GET /healthcheck", "", &emptypb.Empty{}},

	"AuthenticateApple":    {"POST /v2/account/authenticate/apple", "account", &api.AuthenticateAppleRequest{}},
	"AuthenticateCustom":   {"POST /v2/account/authenticate/custom", "account", &api.AuthenticateCustomRequest{}},
	"AuthenticateDevice":   {"POST /v2/account/authenticate/device", "account", &api.AuthenticateDeviceRequest{}},
	"AuthenticateEmail":    {"POST /v2/account/authenticate/email", "account", &api.AuthenticateEmailRequest{}},
	"AuthenticateFacebook": {"POST /v2/account/authenticate/facebook", "account", &api.AuthenticateFacebookRequest{}},
	"AuthenticateFacebookInstantGame": {
		"POST /v2/account/authenticate/facebookinstantgame", "account", &api.AuthenticateFacebookInstantGameRequest{},
	},
	"AuthenticateGameCenter": {"POST /v2/account/authenticate/gamecenter", "account", &api.AuthenticateGameCenterRequest{}},
	"AuthenticateGoogle":     {"POST /v2/account/authenticate/google", "account", &api.AuthenticateGoogleRequest{}},
	"AuthenticateSteam":      {"POST /v2/account/authenticate/steam", "account", &api.AuthenticateSteamRequest{}},
	"SessionRefresh":         {"POST /v2/account/session/refresh", "*", &api.SessionRefreshRequest{}},
	"SessionLogout":          {"POST /v2/session/logout", "*", &api.SessionLogoutRequest{}},

	"GetAccount":    {"GET /v2/account", "", &emptypb.Empty{}},
	"UpdateAccount": {"PUT /v2/account", "*", &api.UpdateAccountRequest{}},
	"DeleteAccount": {"DELETE /v2/account", "", &emptypb.Empty{}},
	"GetUsers":      {"GET /v2/user", "", &api.GetUsersRequest{}},

	"LinkApple":                 {"POST /v2/account/link/apple", "*", &api.AccountApple{}},
	"LinkCustom":                {"POST /v2/account/link/custom", "*", &api.AccountCustom{}},
	"LinkDevice":                {"POST /v2/account/link/device", "*", &api.AccountDevice{}},
	"LinkEmail":                 {"POST /v2/account/link/email", "*", &api.AccountEmail{}},
	"LinkFacebook":              {"POST /v2/account/link/facebook", "account", &api.LinkFacebookRequest{}},
	"LinkFacebookInstantGame":   {"POST /v2/account/link/facebookinstantgame", "*", &api.AccountFacebookInstantGame{}},
	"LinkGameCenter":            {"POST /v2/account/link/gamecenter", "*", &api.AccountGameCenter{}},
	"LinkGoogle":                {"POST /v2/account/link/google", "*", &api.AccountGoogle{}},
	"LinkSteam":                 {"POST /v2/account/link/steam", "*", &api.LinkSteamRequest{}},
	"UnlinkApple":               {"POST /v2/account/unlink/apple", "*", &api.AccountApple{}},
	"UnlinkCustom":              {"POST /v2/account/unlink/custom", "*", &api.AccountCustom{}},
	"UnlinkDevice":              {"POST /v2/account/unlink/device", "*", &api.AccountDevice{}},
	"UnlinkEmail":               {"POST /v2/account/unlink/email", "*", &api.AccountEmail{}},
	"UnlinkFacebook":            {"POST /v2/account/unlink/facebook", "*", &api.AccountFacebook{}},
	"UnlinkFacebookInstantGame": {"POST /v2/account/unlink/facebookinstantgame", "*", &api.AccountFacebookInstantGame{}},
	"UnlinkGameCenter":          {"POST /v2/account/unlink/gamecenter", "*", &api.AccountGameCenter{}},
	"UnlinkGoogle":              {"POST /v2/account/unlink/google", "*", &api.AccountGoogle{}},
	"UnlinkSteam":               {"POST /v2/account/unlink/steam", "*", &api.AccountSteam{}},

	"ListLeaderboardRecords":  {"GET /v2/leaderboard/{leaderboard_id}", "", &api.ListLeaderboardRecordsRequest{}},
	"WriteLeaderboardRecord":  {"POST /v2/leaderboard/{leaderboard_id}", "record", &api.WriteLeaderboardRecordRequest{}},
	"DeleteLeaderboardRecord": {"DELETE /v2/leaderboard/{leaderboard_id}", "", &api.DeleteLeaderboardRecordRequest{}},
	"ListLeaderboardRecordsAroundOwner": {
		"GET /v2/leaderboard/{leaderboard_id}/owner/{owner_id}", "", &api.ListLeaderboardRecordsAroundOwnerRequest{},
	},
	"ListTournaments":        {"GET /v2/tournament", "", &api.ListTournamentsRequest{}},
	"ListTournamentRecords":  {"GET /v2/tournament/{tournament_id}", "", &api.ListTournamentRecordsRequest{}},
	"WriteTournamentRecord":  {"PUT /v2/tournament/{tournament_id}", "record", &api.WriteTournamentRecordRequest{}},
	"DeleteTournamentRecord": {"DELETE /v2/tournament/{tournament_id}", "", &api.DeleteTournamentRecordRequest{}},
	"JoinTournament":         {"POST /v2/tournament/{tournament_id}/join", "", &api.JoinTournamentRequest{}},
	"ListTournamentRecordsAroundOwner": {
		"GET /v2/tournament/{tournament_id}/owner/{owner_id}", "", &api.ListTournamentRecordsAroundOwnerRequest{},
	},

	"ListMatches":        {"GET /v2/match", "", &api.ListMatchesRequest{}},
	"GetMatchmakerStats": {"GET /v2/matchmaker/stats", "", &emptypb.Empty{}},
	"ListParties":        {"GET /v2/party", "", &api.ListPartiesRequest{}},

	"ReadStorageObjects":   {"POST /v2/storage", "*", &api.ReadStorageObjectsRequest{}},
	"WriteStorageObjects":  {"PUT /v2/storage", "*", &api.WriteStorageObjectsRequest{}},
	"DeleteStorageObjects": {"PUT /v2/storage/delete", "*", &api.DeleteStorageObjectsRequest{}},
	"ListStorageObjects":   {"GET /v2/storage/{collection}", "", &api.ListStorageObjectsRequest{}},
	"ListNotifications":    {"GET /v2/notification", "", &api.ListNotificationsRequest{}},
	"DeleteNotifications":  {"DELETE /v2/notification", "", &api.DeleteNotificationsRequest{}},
	"Event":                {"POST /v2/event", "*", &api.Event{}},
}
