package archtest

// root is the path of the root module. A nested module's path is root plus its folder.
const root = "github.com/shoal-go/shoal"

// top is the floor of main packages, which may import everything.
const top = 4

// room says where a package stands in the house.
type room struct {
	floor int
	kit   bool     // a test kit: may import testing, is imported by tests only
	also  []string // packages of the same floor that it may import; each with its reason
}

// house is the table of floors of the design. Keys are folders, seen from the root.
var house = map[string]room{
	"": {floor: 0}, // the root package: documentation, no code

	"presence": {floor: 0},
	"tick":     {floor: 0},
	"query":    {floor: 0},
	// roster keeps presences, the vocabulary that everything above shares.
	"internal/roster":   {floor: 0, also: []string{"presence"}},
	"internal/hook":     {floor: 0},
	"internal/archtest": {floor: 0},
	"internal/column":   {floor: 0},
	// skill is arithmetic; the matchmaker scores tickets with it.
	"matchmaker/skill": {floor: 0},

	"match":        {floor: 1},
	"relay":        {floor: 1},
	"matchmaker":   {floor: 1},
	"party":        {floor: 1},
	"status":       {floor: 1},
	"stream":       {floor: 1},
	"auth":         {floor: 1},
	"leaderboard":  {floor: 1},
	"storage":      {floor: 1},
	"notification": {floor: 1},
	"transport":    {floor: 1},

	"transport/ws":            {floor: 2},
	"transport/webtransport":  {floor: 2},
	"store/memory":            {floor: 2},
	"internal/sqlstore":       {floor: 2},
	"store/sqlite":            {floor: 2, also: []string{"internal/sqlstore"}}, // what both do alike
	"store/postgres":          {floor: 2, also: []string{"internal/sqlstore"}},
	"cluster":                 {floor: 2},
	"cluster/nats":            {floor: 2, also: []string{"cluster"}},                 // it implements cluster's two interfaces
	"query/blugetest":         {floor: 2},                                            // only tests
	"match/matchtest":         {floor: 2, kit: true, also: []string{"store/memory"}}, // its tests keep matches
	"store/storetest":         {floor: 2, kit: true, also: []string{"store/memory"}}, // its tests break a good store
	"transport/transporttest": {floor: 2, kit: true},

	// scorerace is what the benchmarks of both SQL stores do alike.
	"internal/sqlstore/scorerace": {floor: 2, kit: true},

	"gateway/nakama": {floor: 3},
	"dashboard":      {floor: 3},
	"metrics/prom":   {floor: 3},

	"examples": {floor: top}, // and every package below it
	"docs":     {floor: top}, // only tests: the code of the guides
	"e2e/host": {floor: top},
}

// libraries says who may import which modules of others, outside of tests. A nil list means every floor above 0.
var libraries = map[string][]string{
	"github.com/google/uuid": nil,
	"golang.org/x/sync":      nil,
	"golang.org/x/time":      nil,

	"github.com/coder/websocket":          {"transport/ws"},
	"github.com/golang-jwt/jwt/v5":        {"auth", "gateway/nakama"}, // session tokens; match tokens
	"github.com/hashicorp/cronexpr":       {"leaderboard"},
	"github.com/heroiclabs/nakama-common": {"gateway/nakama", "examples"}, // the types of hooks
	"github.com/jackc/pgx/v5":             {"store/postgres"},
	"github.com/pressly/goose/v3":         {"store/sqlite", "store/postgres"},
	"github.com/prometheus/client_golang": {"metrics/prom"},
	"golang.org/x/crypto":                 {"auth"},
	"google.golang.org/protobuf":          {"gateway/nakama"},
	"modernc.org/sqlite":                  {"store/sqlite"},
}

// testLibraries are modules of others that every test may import, and nothing else.
var testLibraries = []string{
	"github.com/stretchr/testify",
	"pgregory.net/rapid",
	"github.com/prometheus/common", // the format that Prometheus reads
	"github.com/prometheus/client_model",

	// the oracle of query/blugetest
	"github.com/blugelabs/bluge",
	"github.com/blugelabs/bluge_segment_api",
	"github.com/blugelabs/query_string",
}

// outside are the modules that are not in go.work.
var outside = map[string]string{
	"tools":          "linters, which no one who works on the code needs in the workspace",
	"tools/bareheap": "a control to measure schedulers against",
	"tools/nkload":   "a load tool with dependencies of its own",
	"e2e/host":       "a host as a user would write it, built with GOWORK=off",
}
