// Package docs_test holds the guides to what they show: their code is code that is compiled and run, and their links
// lead somewhere.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the tree that this test is part of.
const root = ".."

// block is a piece of code of a guide.
type block struct {
	lang string // the language it is marked with
	file string // the file that the reader puts it into; "" if it is only to be read
	text string
}

var fence = regexp.MustCompile("(?ms)^```(\\w+) ?(\\S*)\n(.*?)^```$")

// blocks returns the code in a guide, in order.
func blocks(t *testing.T, name string) []block {
	t.Helper()
	guide, err := os.ReadFile(name)
	require.NoError(t, err)
	var found []block
	for _, m := range fence.FindAllStringSubmatch(string(guide), -1) {
		found = append(found, block{m[1], m[2], m[3]})
	}
	return found
}

// files returns the files of the repository with the ending, by their paths from here.
func files(t *testing.T, ending string) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !d.IsDir() && filepath.Ext(path) == ending:
			paths = append(paths, path)
		}
		return nil
	}))
	require.NotEmpty(t, paths)
	return paths
}

// flat returns code without what differs where it stands deeper in other code.
func flat(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// Go code of a guide is a part of a file that is compiled with the rest, word for word.
func TestCodeIsCompiled(t *testing.T) {
	var all strings.Builder
	for _, path := range files(t, ".go") {
		code, err := os.ReadFile(path)
		require.NoError(t, err)
		all.WriteString("\n" + flat(string(code)) + "\n")
	}
	compiled := all.String()
	guides, err := filepath.Glob("*.md")
	require.NoError(t, err)
	for _, guide := range append(guides, "../README.md") {
		for _, b := range blocks(t, guide) {
			if b.lang == "go" && b.file == "" && !strings.Contains(compiled, "\n"+flat(b.text)+"\n") {
				t.Errorf("%s: this code is in no Go file:\n%s", guide, b.text)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	marks   = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns what a link into a guide may name: its headings, as they are shown on the web.
func anchors(guide string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(guide, ""), -1) {
		found[strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

// A link to something in this repository leads to it.
func TestLinksLeadSomewhere(t *testing.T) {
	for _, path := range files(t, ".md") {
		guide, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(guide), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			file, anchor, named := strings.Cut(m[1], "#")
			target := filepath.Join(filepath.Dir(path), file)
			if file == "" {
				target = path
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: [%s] leads nowhere", path, m[1])
			} else if named && filepath.Ext(target) == ".md" {
				to, err := os.ReadFile(target)
				require.NoError(t, err)
				require.True(t, anchors(string(to))[anchor], "%s: %s has no such heading", path, m[1])
			}
		}
	}
}

// A guide that nothing leads to is not found.
func TestTheReadmeListsTheGuides(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	guides, err := filepath.Glob("*.md")
	require.NoError(t, err)
	for _, guide := range guides {
		if !strings.Contains(string(readme), "(docs/"+guide+")") {
			t.Errorf("README.md does not list the guide docs/%s", guide)
		}
	}
}

// The map of packages in the README has all that can be imported.
func TestTheReadmeListsThePackages(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, path := range files(t, ".go") {
		folder := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, root+"/")))
		top, _, _ := strings.Cut(folder, "/")
		switch {
		case seen[folder], strings.HasSuffix(path, "_test.go"), strings.Contains("/"+folder+"/", "/internal/"):
		case slices.Contains([]string{".", "examples", "e2e", "tools"}, top), folder == "query/blugetest":
		case !strings.Contains(string(readme), "]("+folder+")"):
			t.Errorf("README.md does not list the package %s", folder)
			fallthrough
		default:
			seen[folder] = true
		}
	}
}
