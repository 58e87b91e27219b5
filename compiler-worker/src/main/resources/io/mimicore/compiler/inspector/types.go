package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
)

// outlines stand for the imported types that signatures name most, so that a wrong one is reported before the build and
// the right ones can be warmed. Every other imported type is unknown here and taken for one that JSON can carry.
var outlines = map[string]string{
	"context": `type Context interface { Err() error }`,
	"encoding/json": `type RawMessage []byte
		func (RawMessage) MarshalJSON() ([]byte, error) { return nil, nil }
		func (*RawMessage) UnmarshalJSON([]byte) error { return nil }
		type Number string`,
	"io": `type Reader interface { Read([]byte) (int, error) }
		type Writer interface { Write([]byte) (int, error) }
		type ReadCloser interface { Reader; Close() error }
		type WriteCloser interface { Writer; Close() error }
		type ReadWriter interface { Reader; Writer }`,
	"time": `type Time struct{}
		func (Time) MarshalJSON() ([]byte, error) { return nil, nil }
		func (*Time) UnmarshalJSON([]byte) error { return nil }
		type Duration int64
		type Month int
		type Weekday int`,
}

// outlineImporter makes a package from its outline, or an empty one. It never reads the library: that takes seconds and
// needs files which an inspector alone does not have.
type outlineImporter map[string]*types.Package

var versionSuffix = regexp.MustCompile(`/v[0-9]+$`)

func (known outlineImporter) Import(importPath string) (*types.Package, error) {
	if importPath == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg, found := known[importPath]; found {
		return pkg, nil
	}
	name := path.Base(versionSuffix.ReplaceAllString(importPath, ""))
	files := token.NewFileSet()
	syntax, err := parser.ParseFile(files, importPath, "package "+name+"\n"+outlines[importPath], parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("outline of %s: %w", importPath, err)
	}
	pkg, err := (&types.Config{}).Check(importPath, files, []*ast.File{syntax}, nil)
	if err != nil {
		return nil, fmt.Errorf("outline of %s: %w", importPath, err)
	}
	known[importPath] = pkg
	return pkg, nil
}

// checkTypes resolves the declarations of the source. Errors are left to the compiler, which knows the imported packages
// and therefore never reports too much; a type that is wrong or unknown is invalid afterwards.
func (in *inspection) checkTypes() {
	config := types.Config{
		Importer:         outlineImporter{},
		IgnoreFuncBodies: true,
		Error:            func(error) {},
		Sizes:            types.SizesFor("gc", "wasm"),
	}
	in.pkg, _ = config.Check("main", in.files, []*ast.File{in.syntax}, nil)
}

// signature finds the type of a package-level function. It is nil where two declarations of that name clash.
func (in *inspection) signature(decl *ast.FuncDecl) *types.Signature {
	found, isFunc := in.pkg.Scope().Lookup(decl.Name.Name).(*types.Func)
	if !isFunc || found.Pos() != decl.Name.Pos() {
		return nil
	}
	return found.Signature()
}

// isInvalid says whether a type is unknown: not declared, or imported without an outline.
func isInvalid(t types.Type) bool {
	basic, isBasic := t.Underlying().(*types.Basic)
	return isBasic && basic.Kind() == types.Invalid
}

// isErrorType says whether a type is Go's own error.
func isErrorType(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// ownMethods says whether the author gave a type, or a pointer to it, one of the named methods.
func (in *inspection) ownMethods(t types.Type, names ...string) bool {
	for _, name := range names {
		found, _, _ := types.LookupFieldOrMethod(t, true, in.pkg, name)
		if method, isMethod := found.(*types.Func); isMethod && method.Pkg() == in.pkg {
			return true
		}
	}
	return false
}
