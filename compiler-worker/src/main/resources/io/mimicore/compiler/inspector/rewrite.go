package main

import "bytes"

// rewrite is the author's source with its export directives changed: a function that go:wasmexport accepts keeps its
// directive in that form, one with a wrapper gets blanks in its place. Every line keeps its number and everything but those
// comments its column, so that errors of the compiler point at the author's text.
func (in *inspection) rewrite(exports []*export) string {
	var out bytes.Buffer
	done := 0
	for _, e := range exports {
		out.Write(in.source[done:e.directive.start])
		if e.wrapped {
			out.Write(bytes.Repeat([]byte(" "), e.directive.end-e.directive.start))
		} else {
			out.WriteString("//go:wasmexport " + e.function.Name)
		}
		done = e.directive.end
	}
	out.Write(in.source[done:])
	return out.String()
}
