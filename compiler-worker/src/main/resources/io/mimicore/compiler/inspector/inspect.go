package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode/utf8"
)

// inspection is the state of one run: the source, what was read from it, and the problems found so far.
type inspection struct {
	source     []byte
	files      *token.FileSet
	file       *token.File
	syntax     *ast.File
	directives []directive
	pkg        *types.Package
	problems   []Problem
	// withJSON says that the source exports a function of the JSON shape, or one that was meant to be.
	withJSON bool
}

// inspect answers for one source. Problems of the source are in the report; an error is the inspector's own failure.
func inspect(source []byte) (*Report, error) {
	in := &inspection{source: source, files: token.NewFileSet()}
	var exports []*export
	if in.checkText() {
		parsed := in.parse()
		in.scan()
		in.checkImports()
		if parsed {
			in.checkPackage()
			if in.checkExtents() {
				in.checkTypes()
				exports = in.findExports()
			}
		}
	}
	abi, err := in.generate(exports)
	if err != nil {
		return nil, err
	}
	report := &Report{Problems: []Problem{}, Functions: []Function{}}
	for _, e := range exports {
		report.Functions = append(report.Functions, e.function)
	}
	if len(in.problems) > 0 {
		report.Problems = arrange(in.problems)
		return report, nil
	}
	report.Main = in.rewrite(exports)
	report.ABI = abi
	return report, nil
}

// checkText says whether the source can be read at all.
func (in *inspection) checkText() bool {
	if len(in.source) > sourceBytesMax {
		in.problems = append(in.problems, Problem{1, 1, codeSource,
			fmt.Sprintf("the source is longer than %d bytes", sourceBytesMax),
			"move data out of the source: let the request or an upstream call bring it"})
		return false
	}
	for line, text := range bytes.Split(in.source, []byte("\n")) {
		if utf8.Valid(text) {
			continue
		}
		column := 0
		for column < len(text) {
			r, size := utf8.DecodeRune(text[column:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			column += size
		}
		in.problems = append(in.problems, Problem{line + 1, column + 1, codeSource, "the source is not UTF-8",
			"save the text as UTF-8; write other bytes as escapes such as \"\\xff\""})
		return false
	}
	return true
}

// parse reads the syntax tree and reports every syntax error. It says whether the source is free of them.
func (in *inspection) parse() bool {
	syntax, err := parser.ParseFile(in.files, "main.go", in.source,
		parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
	in.syntax = syntax
	var found scanner.ErrorList
	if errors.As(err, &found) {
		for _, e := range found {
			// The offset, not the line: //line directives change the line the parser reports.
			in.problemAtOffset(e.Pos.Offset, codeSyntax, e.Msg, syntaxHint(e.Msg))
		}
		in.problems = firstOfEachLine(in.problems)
	}
	return err == nil
}

// firstOfEachLine keeps the problem that explains a line: what follows on the same line is mostly the parser finding its way
// back. Of several at one place, "expected …" says least.
func firstOfEachLine(problems []Problem) []Problem {
	vague := func(p Problem) int {
		switch {
		case strings.HasPrefix(p.Message, "expected 'package'"):
			return 0
		case strings.HasPrefix(p.Message, "expected "):
			return 2
		}
		return 1
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, vague(a)-vague(b))
	})
	return slices.CompactFunc(problems, func(a, b Problem) bool { return a.Line == b.Line })
}

func syntaxHint(message string) string {
	if strings.HasPrefix(message, "expected 'package'") {
		return "begin the source with: package main"
	}
	return "look at this place and at the line before it: a bracket, a comma or a quote is often missing there"
}

func (in *inspection) checkPackage() {
	if name := in.syntax.Name; name.Name != "main" {
		in.problem(name.Pos(), codePackage, fmt.Sprintf("the package is named %s (expected: main)", name.Name),
			"begin the source with: package main")
	}
}

// position gives line and column of a place in the author's text, whatever //line directives say.
func (in *inspection) position(pos token.Pos) token.Position {
	return in.files.PositionFor(pos, false)
}

func (in *inspection) problem(pos token.Pos, code, message, hint string) {
	at := in.position(pos)
	in.problems = append(in.problems, Problem{at.Line, at.Column, code, message, hint})
}

func (in *inspection) problemAtOffset(offset int, code, message, hint string) {
	before := in.source[:min(offset, len(in.source))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	in.problems = append(in.problems, Problem{line, column, code, message, hint})
}
