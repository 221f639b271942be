package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// asked are the numbered statements about the reference server that have been asked for so far: R of its realtime
// protocol, H of its HTTP API. Each has a subtest with its name, such as R016, or R016_differs where we do something else on
// purpose; then a row in docs/differences.md has the number. To add a range is to ask for it.
var asked = []statements{
	{"R", 1, 100},
	{"H", 1, 90},
}

const differences = "docs/differences.md"

// statements are those of a kind from one number to another, both included.
type statements struct {
	kind     string
	from, to int
}

func TestEveryStatementHasASubtest(t *testing.T) {
	wrong, err := checkStatements(repository, asked)
	require.NoError(t, err)
	for _, w := range wrong {
		t.Error(w)
	}
}

var subtest = regexp.MustCompile(`^([RH]\d{3})(_differs)?$`)

// checkStatements returns the statements without a subtest, and the subtests that say that we differ without a row in the
// list of differences, or also
// that we agree.
func checkStatements(tree fs.FS, asked []statements) (wrong []string, err error) {
	tests, err := subtests(tree)
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(tree, differences)
	if err != nil {
		return nil, err
	}
	for _, s := range asked {
		for n := s.from; n <= s.to; n++ {
			id := fmt.Sprintf("%s%03d", s.kind, n)
			if tests[id] == nil && tests[id+"_differs"] == nil {
				wrong = append(wrong, fmt.Sprintf("%s: no subtest has this name, or %s_differs", id, id))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		id, differs := strings.CutSuffix(name, "_differs")
		if differs && !rows[id] {
			wrong = append(wrong, fmt.Sprintf("%s in %s: %s has no row %s", name, tests[name][0], differences, id))
		}
		if differs && tests[id] != nil {
			wrong = append(wrong, fmt.Sprintf("%s in %s and %s in %s: one of the two", id, tests[id][0], name, tests[name][0]))
		}
	}
	return wrong, nil
}

// subtests finds the names of statements that stand in the tests as texts, and in which files: where a test has a name,
// whether in a call of Run or in a table, it is one. Comments do not count.
func subtests(tree fs.FS) (map[string][]string, error) {
	found := make(map[string][]string)
	err := walk(tree, func(name string) error {
		if !strings.HasSuffix(name, "_test.go") || within(name, "internal/archtest") {
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			if s, err := strconv.Unquote(text.Value); err == nil && subtest.MatchString(s) {
				found[s] = append(found[s], name)
			}
			return true
		})
		return nil
	})
	return found, err
}

var number = regexp.MustCompile(`[RH]\d{3}`)

// rowsOf returns the numbers that stand in the first cells of the rows of a page.
func rowsOf(tree fs.FS, page string) (map[string]bool, error) {
	text, err := fs.ReadFile(tree, page)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, id := range number.FindAllString(cells[1], -1) {
				rows[id] = true
			}
		}
	}
	return rows, nil
}

func TestStatements(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	wrong, err := checkStatements(fstest.MapFS{
		"a/a_test.go": file(`package a
			// "R007" is only spoken of.
			func TestA(t *testing.T) {
				t.Run("R001", one)
				for _, c := range []struct{ name string }{{"R002_differs"}, {"R003_differs"}} { t.Run(c.name, two) }
				for name := range map[string]int{"H004": 4, "H004_differs": 4, "R0055": 5} { t.Run(name, three) }
				t.Run("about R006", four)
			}`),
		"a/a.go":    file(`package a; const name = "R005"`),
		differences: file("| number | R006 |\n|---|---|\n| R002, H004 | R003 | R003 |\n"),
	}, []statements{{"R", 1, 7}, {"H", 4, 4}})
	require.NoError(t, err)
	require.Equal(t, []string{
		"R004: no subtest has this name, or R004_differs",
		"R005: no subtest has this name, or R005_differs",
		"R006: no subtest has this name, or R006_differs",
		"R007: no subtest has this name, or R007_differs",
		"H004 in a/a_test.go and H004_differs in a/a_test.go: one of the two",
		"R003_differs in a/a_test.go: docs/differences.md has no row R003",
	}, wrong)
}
