package archtest

import (
	"fmt"
	"os"
	"path"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// repository is the tree that this test is part of.
var repository = os.DirFS("../..")

func TestImportsKeepTheFloors(t *testing.T) {
	breaches, err := checkImports(repository)
	require.NoError(t, err)
	for _, b := range breaches {
		t.Error(b)
	}
}

func TestModulesAreInTheWorkspace(t *testing.T) {
	wrong, err := checkModules(repository)
	require.NoError(t, err)
	for _, w := range wrong {
		t.Error(w)
	}
}

func TestThisTestReadsTheRealTree(t *testing.T) {
	files := 0
	require.NoError(t, walk(repository, func(name string) error {
		if path.Ext(name) == ".go" {
			files++
		}
		return nil
	}))
	require.Greater(t, files, 5, "no Go files found: the test looks in the wrong place")
}

func TestForbiddenImports(t *testing.T) {
	const testify = "github.com/stretchr/testify/require"
	tests := map[string]struct {
		file, imports string
		want          string // part of the reason; empty: allowed
	}{
		"down":                            {"match/match.go", root + "/presence", ""},
		"down over two floors":            {"gateway/nakama/h.go", root + "/tick", ""},
		"standard library":                {"tick/tick.go", "container/heap", ""},
		"sideways":                        {"relay/hub.go", root + "/match", "relay (floor 1) imports match from its own floor"},
		"sideways on floor 0":             {"query/q.go", root + "/presence", "query (floor 0) imports presence from its own floor"},
		"sideways with a reason":          {"internal/roster/r.go", root + "/presence", ""},
		"up":                              {"leaderboard/b.go", root + "/store/memory", "leaderboard (floor 1) imports store/memory (floor 2) from above"},
		"up to the gateway":               {"transport/ws/ws.go", root + "/gateway/nakama", "from above"},
		"up from a nested module":         {"store/sqlite/s.go", root + "/gateway/nakama", "store/sqlite (floor 2) imports gateway/nakama (floor 3)"},
		"the root package imports a part": {"doc.go", root + "/match", "the root package (floor 0) imports match"},
		"unknown package":                 {"util/util.go", "fmt", "package util is not in the table of floors"},
		"import of an unknown package":    {"match/m.go", root + "/util", "imports util, which is not in the table"},
		"main imports everything":         {"examples/fishgame/main.go", root + "/store/memory", ""},
		"a room of one's own":             {"store/sqlite/s.go", root + "/store/sqlite/internal/schema", ""},
		"a room lives on its floor":       {"store/sqlite/internal/schema/s.go", root + "/leaderboard", ""},
		"a room of another":               {"store/memory/m.go", root + "/store/sqlite/internal/schema", "store/memory (floor 2) imports store/sqlite"},

		"library on floor 0":           {"presence/p.go", "github.com/google/uuid", "floor 0 uses the standard library only"},
		"library for all":              {"relay/hub.go", "github.com/google/uuid", ""},
		"library with an owner":        {"transport/ws/ws.go", "github.com/coder/websocket", ""},
		"library of another":           {"gateway/nakama/h.go", "github.com/coder/websocket", "only transport/ws may"},
		"part of a library of another": {"match/m.go", "google.golang.org/protobuf/encoding/protowire", "only gateway/nakama may"},
		"unknown library":              {"auth/a.go", "github.com/spf13/viper", "not among the libraries"},
		"name that only begins alike":  {"match/m.go", "github.com/google/uuid2", "not among the libraries"},

		"testing in code":             {"match/m.go", "testing", "only tests and test kits may"},
		"testing in a kit":            {"match/matchtest/kit.go", "testing", ""},
		"testify in code":             {"match/m.go", testify, "testing library"},
		"testify in a test":           {"match/m_test.go", testify, ""},
		"testify in a test, floor 0":  {"tick/tick_test.go", testify, ""},
		"testify in a kit":            {"store/storetest/s.go", testify, "a kit uses the standard library"},
		"uuid in a kit":               {"store/storetest/s.go", "github.com/google/uuid", "a kit uses the standard library"},
		"testify in the test of kit":  {"store/storetest/s_test.go", testify, ""},
		"kit in code":                 {"gateway/nakama/h.go", root + "/match/matchtest", "imports the test kit match/matchtest outside of a test"},
		"kit in main":                 {"examples/fishgame/main.go", root + "/match/matchtest", "outside of a test"},
		"kit in a test":               {"match/m_test.go", root + "/match/matchtest", ""},
		"kit in a test beside it":     {"store/memory/m_test.go", root + "/store/storetest", ""},
		"up in a test":                {"match/m_test.go", root + "/gateway/nakama", "from above"},
		"everything in a root test":   {"example_test.go", root + "/gateway/nakama", ""},
		"everything in a main's test": {"examples/fishgame/main_test.go", root + "/transport/ws", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			src := fmt.Sprintf("package p\n\nimport _ %q\n", tt.imports)
			breaches, err := checkImports(fstest.MapFS{tt.file: {Data: []byte(src)}})
			require.NoError(t, err)
			if tt.want == "" {
				require.Empty(t, breaches)
				return
			}
			require.Len(t, breaches, 1)
			require.Contains(t, breaches[0].String(), tt.want)
		})
	}
}

func TestBreachNamesFileAndLine(t *testing.T) {
	src := "//go:build windows\n\npackage relay\n\nimport (\n\t\"fmt\"\n\n\tengine \"" + root + "/match\"\n)\n"
	breaches, err := checkImports(fstest.MapFS{"relay/hub_windows.go": {Data: []byte(src)}})
	require.NoError(t, err)
	require.Len(t, breaches, 1)
	require.Equal(t, "relay/hub_windows.go:8", breaches[0].pos)
}

func TestWhatTheGoCommandIgnoresIsIgnored(t *testing.T) {
	bad := &fstest.MapFile{Data: []byte("package p\n\nimport _ \"example.com/unknown\"\n")}
	breaches, err := checkImports(fstest.MapFS{
		".ci/x.go":                bad,
		"_old/x.go":               bad,
		"match/testdata/x.go":     bad,
		"e2e/node_modules/a/x.go": bad,
		"match/_draft.go":         bad,
	})
	require.NoError(t, err)
	require.Empty(t, breaches)
}

func TestBrokenFileIsAnError(t *testing.T) {
	_, err := checkImports(fstest.MapFS{"match/m.go": {Data: []byte("not Go")}})
	require.ErrorContains(t, err, "match/m.go")
}

func TestModules(t *testing.T) {
	mod := func(p string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("module " + p + "\n\ngo 1.26\n")}
	}
	work := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("go 1.26\n\n" + s)} }
	tests := map[string]struct {
		tree fstest.MapFS
		want []string
	}{
		"all tied": {
			tree: fstest.MapFS{
				"go.work":             work("use (\n\t.\n\t./store/sqlite // pure Go\n)\n"),
				"go.mod":              mod(root),
				"store/sqlite/go.mod": mod(root + "/store/sqlite"),
				"tools/go.mod":        mod(root + "/tools"),
			},
		},
		"one forgotten": {
			tree: fstest.MapFS{
				"go.work":             work("use .\n"),
				"go.mod":              mod(root),
				"store/sqlite/go.mod": mod(root + "/store/sqlite"),
			},
			want: []string{"go.work does not use store/sqlite"},
		},
		"one too many": {
			tree: fstest.MapFS{
				"go.work":      work("use .\nuse ./tools\n"),
				"go.mod":       mod(root),
				"tools/go.mod": mod(root + "/tools"),
			},
			want: []string{"go.work uses tools, which stays outside: " + outside["tools"]},
		},
		"path and folder differ": {
			tree: fstest.MapFS{
				"go.work":             work("use (\n\t.\n\t./store/sqlite\n)\n"),
				"go.mod":              mod(root),
				"store/sqlite/go.mod": mod(root + "/sqlite"),
			},
			want: []string{"store/sqlite/go.mod: the module's path is not " + root + "/store/sqlite"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wrong, err := checkModules(tt.tree)
			require.NoError(t, err)
			require.Equal(t, tt.want, wrong)
		})
	}
}

func TestNoWorkspaceIsAnError(t *testing.T) {
	_, err := checkModules(fstest.MapFS{})
	require.ErrorContains(t, err, "go.work")
}

func TestTheTableIsSound(t *testing.T) {
	for dir, r := range house {
		for _, beside := range r.also {
			require.Contains(t, house, beside, "%s may also import it", dir)
			require.Equal(t, r.floor, house[beside].floor, "%s and %s: only needed on one floor", dir, beside)
		}
	}
	for module, users := range libraries {
		for _, user := range users {
			require.Contains(t, house, user, "it may use %s", module)
		}
	}
}
