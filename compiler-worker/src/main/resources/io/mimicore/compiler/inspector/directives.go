package main

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
)

// directive is one export directive: its words, and the bytes of its comment in the source.
type directive struct {
	pos        token.Pos
	start, end int
	words      []string
}

// reservedPrefixes begin the names of the generated file and of the exports it adds.
var reservedPrefixes = []string{"mimicore_", "mimicoreABI_"}

// refusedDirectives are comments that mean something to the Go tools and must not reach them.
var refusedDirectives = []struct{ prefix, message, hint string }{
	{"//go:embed", "//go:embed: there are no files beside the source", "put the text into a constant"},
	{"//go:linkname", "//go:linkname reaches into other packages", "use what the package exports"},
	{"//go:build", "//go:build: the source is built for one target only", "delete the line"},
	{"//go:wasmimport", "//go:wasmimport: user code cannot import functions of the host", "call the service in transform.http and pass its result as an argument"},
	{"//go:cgo_", "cgo directives are not available: there is no C in the sandbox", "delete the line"},
	{"//line ", "//line would give false places to errors", "delete the line"},
	{"/*line ", "/*line would give false places to errors", "delete the comment"},
}

// scan goes over the tokens of the source, which also works where the syntax is broken: it collects the export directives
// and reports refused directives and reserved names.
func (in *inspection) scan() {
	in.file = in.files.AddFile("main.go", -1, len(in.source))
	var tokens scanner.Scanner
	tokens.Init(in.file, in.source, func(token.Position, string) {}, scanner.ScanComments)
	seen := map[string]bool{}
	header := true
	for {
		pos, tok, literal := tokens.Scan()
		switch tok {
		case token.EOF:
			return
		case token.PACKAGE:
			header = false
		case token.COMMENT:
			in.scanComment(pos, literal, header)
		case token.IDENT:
			if !seen[literal] {
				seen[literal] = true
				in.checkName(pos, literal)
			}
		}
	}
}

func (in *inspection) scanComment(pos token.Pos, text string, header bool) {
	for _, refused := range refusedDirectives {
		if !strings.HasPrefix(text, refused.prefix) {
			continue
		}
		// The tools heed a //line comment at the start of a line only; elsewhere it is prose.
		if refused.prefix != "//line " || in.position(pos).Column == 1 {
			in.problem(pos, codeDirective, refused.message, refused.hint)
		}
		return
	}
	if words := strings.Fields(text); header && len(words) > 1 && words[0] == "//" && words[1] == "+build" {
		in.problem(pos, codeDirective, "// +build: the source is built for one target only", "delete the line")
		return
	}
	for _, prefix := range []string{"//export", "//go:wasmexport"} {
		rest, found := strings.CutPrefix(text, prefix)
		if !found || (rest != "" && !strings.ContainsAny(rest[:1], " \t")) {
			continue
		}
		start := in.file.Offset(pos)
		// The scanner drops carriage returns from comments, so the end is looked up in the source.
		line, _, _ := bytes.Cut(in.source[start:], []byte("\n"))
		end := start + len(bytes.TrimRight(line, "\r"))
		in.directives = append(in.directives, directive{pos, start, end, strings.Fields(rest)})
	}
}

func (in *inspection) checkName(pos token.Pos, name string) {
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(name, prefix) {
			in.problem(pos, codeNameReserved, fmt.Sprintf("the name %s begins with %s, which is reserved", name, prefix),
				"rename it; the allocator and all else of that name is added to the module by itself")
		}
	}
}
