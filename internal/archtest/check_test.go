package archtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// breach is one import that breaks a rule.
type breach struct {
	pos    string // file:line
	reason string
}

func (b breach) String() string { return b.pos + ": " + b.reason }

// checkImports reads every Go file of the tree and returns the imports that break the rules, in the order of the files.
func checkImports(tree fs.FS) ([]breach, error) {
	var found []breach
	fset := token.NewFileSet()
	err := walk(tree, func(name string) error {
		if path.Ext(name) != ".go" || within(name, "tools") { // programs about the house, not in it
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from, ok := owner(folder(name))
		if !ok {
			found = append(found, breach{name + ":1", fmt.Sprintf(
				"package %s is not in the table of floors: add it to internal/archtest/house_test.go", shown(folder(name)))})
			return nil
		}
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if reason := judge(from, target, strings.HasSuffix(name, "_test.go")); reason != "" {
				pos := fset.Position(spec.Pos())
				found = append(found, breach{fmt.Sprintf("%s:%d", pos.Filename, pos.Line), reason})
			}
		}
		return nil
	})
	return found, err
}

// judge says why the package from (a key of house) may not import target, or nothing if it may.
func judge(from, target string, test bool) string {
	if inside, ok := inRepository(target); ok {
		return judgeInside(from, inside, test)
	}
	if standard(target) {
		if target == "testing" && !test && !house[from].kit {
			return shown(from) + " imports testing outside of a test: only tests and test kits may"
		}
		return ""
	}
	return judgeLibrary(from, target, test)
}

func judgeInside(from, target string, test bool) string {
	to, ok := owner(target)
	if !ok {
		return fmt.Sprintf("%s imports %s, which is not in the table of floors: add it to internal/archtest/house_test.go",
			shown(from), target)
	}
	a, b := house[from], house[to]
	switch {
	case from == to:
		return ""
	case test && (b.kit || from == "" || a.floor == top):
		return ""
	case b.kit:
		return fmt.Sprintf("%s imports the test kit %s outside of a test", shown(from), to)
	case a.floor == top || a.floor > b.floor || slices.Contains(a.also, to):
		return ""
	case a.floor == b.floor:
		return fmt.Sprintf("%s (floor %d) imports %s from its own floor: declare what it needs as a port in %s, "+
			"and let the floor above join the two", shown(from), a.floor, to, shown(from))
	default:
		return fmt.Sprintf("%s (floor %d) imports %s (floor %d) from above: imports go down only",
			shown(from), a.floor, to, b.floor)
	}
}

func judgeLibrary(from, target string, test bool) string {
	a := house[from]
	if a.kit && !test {
		return fmt.Sprintf("the test kit %s imports %s: a kit uses the standard library and this repository only, "+
			"or it ends up in the module graph of those who use it", from, target)
	}
	for _, module := range testLibraries {
		if within(target, module) {
			if test {
				return ""
			}
			return fmt.Sprintf("%s imports the testing library %s outside of a test", shown(from), target)
		}
	}
	for module, users := range libraries {
		if !within(target, module) {
			continue
		}
		switch {
		case test || a.floor == top || slices.Contains(users, from):
			return ""
		case a.floor == 0:
			return fmt.Sprintf("%s (floor 0) imports %s: floor 0 uses the standard library only", shown(from), target)
		case users == nil:
			return ""
		default:
			return fmt.Sprintf("%s imports %s: only %s may", shown(from), target, strings.Join(users, " and "))
		}
	}
	return fmt.Sprintf("%s imports %s, which is not among the libraries of internal/archtest/house_test.go: "+
		"add it there with the packages that may use it", shown(from), target)
}

// owner returns the key of house that a folder belongs to: its own, that of the package whose internal/ it is in, or
// examples.
func owner(dir string) (string, bool) {
	if outer, _, ok := strings.Cut(dir, "/internal/"); ok {
		dir = outer
	}
	if within(dir, "examples") {
		return "examples", true
	}
	_, ok := house[dir]
	return dir, ok
}

// inRepository returns the folder of an import path of this repository.
func inRepository(target string) (dir string, ok bool) {
	if target == root {
		return "", true
	}
	return strings.CutPrefix(target, root+"/")
}

// standard tells the standard library by its first path element, which has no dot.
func standard(target string) bool {
	first, _, _ := strings.Cut(target, "/")
	return !strings.Contains(first, ".")
}

func within(target, parent string) bool {
	return target == parent || strings.HasPrefix(target, parent+"/")
}

func folder(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

func shown(dir string) string {
	if dir == "" {
		return "the root package"
	}
	return dir
}

// walk calls visit for the files that the go command sees, and skips what it does not.
func walk(tree fs.FS, visit func(name string) error) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		ignored := name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"))
		switch {
		case entry.IsDir() && (ignored || base == "testdata" || base == "node_modules" || base == "vendor"):
			return fs.SkipDir
		case entry.IsDir() || ignored:
			return nil
		}
		return visit(name)
	})
}
