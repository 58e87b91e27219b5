package main

import (
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// FuzzInspect: whatever the text, the inspector answers; what it accepts is still Go, line for line.
func FuzzInspect(f *testing.F) {
	paths, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range paths {
		if strings.HasSuffix(entry.Name(), ".go.txt") {
			source, err := os.ReadFile("testdata/" + entry.Name())
			if err != nil {
				f.Fatal(err)
			}
			f.Add(source)
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		report, err := inspect(source)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(string(source), "\n") + 1
		for _, p := range report.Problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Hint == "" {
				t.Errorf("%+v in %d lines", p, lines)
			}
		}
		if len(report.Problems) > 0 {
			return
		}
		if strings.Count(report.Main, "\n")+1 != lines {
			t.Errorf("%d lines became %d", lines, strings.Count(report.Main, "\n")+1)
		}
		for _, text := range []string{report.Main, report.ABI} {
			if _, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution); err != nil {
				t.Error(err)
			}
		}
	})
}
