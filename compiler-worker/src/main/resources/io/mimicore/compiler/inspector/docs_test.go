package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// userCodeGuide is the guide for authors, from this directory.
var userCodeGuide = filepath.Join("..", "..", "..", "..", "..", "..", "..", "..", "docs", "user-code.md")

func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(userCodeGuide)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGuide_everyExample_becomesAModule(t *testing.T) {
	examples := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(guide(t), -1)
	var functions []string
	for _, example := range examples {
		report, err := inspect([]byte(example[1]))
		if err != nil || len(report.Problems) > 0 {
			t.Fatalf("%v %+v\n%s", err, report, example[1])
		}
		for _, f := range report.Functions {
			functions = append(functions, fmt.Sprint(f.Shape, " ", f.Name))
		}
		output, err := goTool(module(t, report), true, "build", "-buildmode=c-shared", "-o", "user.wasm", ".")
		if err != nil {
			t.Errorf("%v\n%s\n%s", err, output, example[1])
		}
	}
	want := []string{"NUMERIC double", "NUMERIC fahrenheit", "NUMERIC inStock", "RAW shout", "JSON greet", "NUMERIC dice"}
	if !slices.Equal(functions, want) {
		t.Errorf("got %q, want %q", functions, want)
	}
}

func TestGuide_everyCode_isListed(t *testing.T) {
	source, err := os.ReadFile("report.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`"(GO_\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 20 {
		t.Fatalf("only %d codes found", len(codes))
	}
	text := guide(t)
	for _, code := range codes {
		if !strings.Contains(text, "`"+code[1]+"`") {
			t.Errorf("%s is not in the guide", code[1])
		}
	}
}

func TestGuide_everyForbiddenPackage_isListed(t *testing.T) {
	text := guide(t)
	for _, packages := range []map[string]string{forbiddenPackages, forbiddenTrees} {
		for path := range packages {
			if !strings.Contains(text, "`"+path+"`") && !strings.Contains(text, "`"+path+"…`") {
				t.Errorf("%s is not in the guide", path)
			}
		}
	}
}
