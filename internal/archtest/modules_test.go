package archtest

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// checkModules returns what is wrong with the modules of the tree: a path that is not root plus its folder, a module
// that go.work does not use, or one that it uses though it should stay outside.
func checkModules(tree fs.FS) ([]string, error) {
	work, err := fs.ReadFile(tree, "go.work")
	if err != nil {
		return nil, fmt.Errorf("go.work ties the modules together: %w", err)
	}
	used := directives(work, "use")

	var wrong []string
	err = walk(tree, func(name string) error {
		if path.Base(name) != "go.mod" {
			return nil
		}
		mod, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		dir := folder(name)
		why, out := outside[dir]
		if want := path.Join(root, dir); !out && !slices.Contains(directives(mod, "module"), want) {
			wrong = append(wrong, fmt.Sprintf("%s: the module's path is not %s", name, want))
		}
		switch in := slices.Contains(used, path.Join(".", dir)); {
		case in && out:
			wrong = append(wrong, fmt.Sprintf("go.work uses %s, which stays outside: %s", dir, why))
		case !in && !out:
			wrong = append(wrong, fmt.Sprintf("go.work does not use %s", path.Dir(name)))
		}
		return nil
	})
	return wrong, err
}

// directives returns the arguments of a directive of a go.mod or go.work file, in its one-line or its block form.
// Relative folders come back clean: "./match" as "match".
func directives(file []byte, verb string) []string {
	var args []string
	block := false
	for line := range strings.Lines(string(file)) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case block && fields[0] == ")":
			block = false
		case block:
			args = append(args, path.Clean(fields[0]))
		case len(fields) == 2 && fields[0] == verb && fields[1] == "(":
			block = true
		case len(fields) == 2 && fields[0] == verb:
			args = append(args, path.Clean(fields[1]))
		}
	}
	return args
}
