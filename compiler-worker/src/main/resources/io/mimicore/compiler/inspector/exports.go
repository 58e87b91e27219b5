package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// export is one function the author exports.
type export struct {
	function  Function
	directive directive
	decl      *ast.FuncDecl
	signature *types.Signature
	// wrapped says that the generated file exports the function, instead of a directive above it.
	wrapped bool
}

// exportName is what a template can call.
var exportName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// The names that Go's own start-up code exports or links by, or that WASI gives a meaning.
var (
	runtimeExports        = []string{"_initialize", "_start", "memory"}
	runtimeExportPrefixes = []string{"mimicore_", "_rt0_", "wasm_export_", "wasm_pc_"}
)

// findExports pairs every export directive with its function and classifies it. What is wrong is reported and left out.
func (in *inspection) findExports() []*export {
	owners := map[int]*ast.FuncDecl{}
	for _, d := range in.syntax.Decls {
		if decl, isFunc := d.(*ast.FuncDecl); isFunc && decl.Doc != nil {
			in.checkSpacedExport(decl)
			for _, comment := range decl.Doc.List {
				owners[in.position(comment.Pos()).Offset] = decl
			}
		}
	}
	var exports []*export
	byName := map[string]*export{}
	byDecl := map[*ast.FuncDecl]bool{}
	for _, d := range in.directives {
		decl := owners[d.start]
		if !in.checkDirective(d, decl) {
			continue
		}
		name := d.words[0]
		if earlier := byName[name]; earlier != nil {
			in.problem(d.pos, codeExportDuplicate, fmt.Sprintf("%s is exported twice; the first is on line %d", name,
				in.position(earlier.directive.pos).Line), "give one of the functions another name")
			continue
		}
		if byDecl[decl] {
			in.problem(d.pos, codeExportDuplicate, fmt.Sprintf("func %s is exported under two names", decl.Name.Name),
				"keep one directive; for a second name write a function that calls this one")
			continue
		}
		e := &export{directive: d, decl: decl, signature: in.signature(decl)}
		byName[name], byDecl[decl] = e, true
		if e.signature == nil {
			continue // declared twice: the compiler says so
		}
		at := in.position(decl.Name.Pos())
		e.function = Function{Name: name, Line: at.Line, Column: at.Column, Params: []Parameter{}}
		if in.classify(e) {
			exports = append(exports, e)
		}
	}
	return exports
}

// checkDirective says whether a directive is well formed and stands above a function that can be exported.
func (in *inspection) checkDirective(d directive, decl *ast.FuncDecl) bool {
	report := func(code, message, hint string) bool {
		in.problem(d.pos, code, message, hint)
		return false
	}
	if len(d.words) != 1 || !exportName.MatchString(d.words[0]) {
		return report(codeExportName, fmt.Sprintf("export name %q (expected: one name of ASCII letters, digits and _)",
			strings.Join(d.words, " ")), "write //export name, and call it as {{name(…)}} in the templates")
	}
	name := d.words[0]
	begins := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	if slices.Contains(runtimeExports, name) || slices.ContainsFunc(runtimeExportPrefixes, begins) {
		return report(codeExportReserved, fmt.Sprintf("export name %s is reserved", name), "choose another name")
	}
	if decl == nil {
		return report(codeExportDetached, fmt.Sprintf("//export %s has no function directly below it", name),
			"put the line right above func, without an empty line between them")
	}
	switch {
	case decl.Recv != nil:
		return report(codeExportMethod, fmt.Sprintf("%s is a method and cannot be exported", decl.Name.Name),
			"export a function that takes the value as its first parameter")
	case decl.Type.TypeParams != nil:
		return report(codeExportGeneric, fmt.Sprintf("func %s is generic and cannot be exported", decl.Name.Name),
			"export a function with definite types that calls the generic one")
	case slices.Contains([]string{"main", "init", "_"}, decl.Name.Name):
		return report(codeExportTarget, fmt.Sprintf("func %s cannot be exported", decl.Name.Name),
			"move its code into a function of another name and export that")
	}
	return true
}

// checkSpacedExport catches "// export f" above func f, which Go takes for prose: the function would be missing later
// without a word of why.
func (in *inspection) checkSpacedExport(decl *ast.FuncDecl) {
	for _, comment := range decl.Doc.List {
		words := strings.Fields(comment.Text)
		if len(words) == 3 && words[0] == "//" && (words[1] == "export" || words[1] == "go:wasmexport") &&
			words[2] == decl.Name.Name {
			in.problem(comment.Pos(), codeExportSpace, "a directive has no space after //",
				fmt.Sprintf("write //export %s", words[2]))
		}
	}
}

// typeText is a type as the author wrote it, on one line.
func typeText(expr ast.Expr) string {
	return types.ExprString(expr)
}

// fields lists parameters or results one by one: `a, b int` is two.
func fields(list *ast.FieldList) []field {
	var all []field
	if list == nil {
		return nil
	}
	for _, group := range list.List {
		if len(group.Names) == 0 {
			all = append(all, field{"", group.Type.Pos(), group.Type})
		}
		for _, name := range group.Names {
			text := name.Name
			if text == "_" {
				text = ""
			}
			all = append(all, field{text, group.Type.Pos(), group.Type})
		}
	}
	return all
}

// field is one parameter or result in the syntax tree.
type field struct {
	name string
	pos  token.Pos
	expr ast.Expr
}
