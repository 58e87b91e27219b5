package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expectations of the cases anew; read the difference before committing it")

// summary is what a case expects: all problems and functions, and how the directives of the source were rewritten.
type summary struct {
	Problems  []string `json:"problems"`
	Functions []string `json:"functions"`
	Rewritten []string `json:"rewritten"`
}

func summarise(source []byte, report *Report) summary {
	s := summary{[]string{}, []string{}, []string{}}
	for _, p := range report.Problems {
		s.Problems = append(s.Problems, fmt.Sprintf("%d:%d %s %s | %s", p.Line, p.Column, p.Code, p.Message, p.Hint))
	}
	for _, f := range report.Functions {
		var params []string
		for _, p := range f.Params {
			params = append(params, strings.TrimSpace(p.Name+" "+p.Type))
		}
		text := fmt.Sprintf("%d:%d %s %s(%s)", f.Line, f.Column, f.Shape, f.Name, strings.Join(params, ", "))
		if f.Result != "" {
			text += " " + f.Result
		}
		if f.Error {
			text += " error"
		}
		s.Functions = append(s.Functions, text)
	}
	before, after := strings.Split(string(source), "\n"), strings.Split(report.Main, "\n")
	for i := range min(len(before), len(after)) {
		if report.Main != "" && before[i] != after[i] {
			s.Rewritten = append(s.Rewritten, fmt.Sprintf("%d: %q", i+1, after[i]))
		}
	}
	return s
}

func cases(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", pattern+".go.txt"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no cases %s: %v", pattern, err)
	}
	return found
}

func inspectFile(t *testing.T, path string) ([]byte, *Report) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	report, err := inspect(source)
	if err != nil {
		t.Fatal(err)
	}
	return source, report
}

func TestCases_everySource_matchesItsExpectation(t *testing.T) {
	for _, path := range cases(t, "*") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, report := inspectFile(t, path)
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(summarise(source, report)); err != nil {
				t.Fatal(err)
			}
			expectation := strings.TrimSuffix(path, ".go.txt") + ".json"
			if *update {
				if err := os.WriteFile(expectation, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(expectation)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

func TestCases_refused_haveProblemsWithHintsAndNoOutput(t *testing.T) {
	for _, path := range cases(t, "bad_*") {
		_, report := inspectFile(t, path)
		if len(report.Problems) == 0 || report.Main != "" || report.ABI != "" {
			t.Errorf("%s: %d problems, main %d bytes, abi %d bytes", path, len(report.Problems), len(report.Main), len(report.ABI))
		}
		for _, p := range report.Problems {
			if p.Line < 1 || p.Column < 1 || p.Code == "" || p.Message == "" || p.Hint == "" {
				t.Errorf("%s: incomplete problem %+v", path, p)
			}
		}
	}
}

func TestCases_accepted_changeNothingButTheDirectives(t *testing.T) {
	for _, path := range cases(t, "ok_*") {
		source, report := inspectFile(t, path)
		if len(report.Problems) != 0 {
			t.Errorf("%s: %v", path, report.Problems)
		}
		before, after := strings.Split(string(source), "\n"), strings.Split(report.Main, "\n")
		if len(before) != len(after) {
			t.Fatalf("%s: %d lines became %d", path, len(before), len(after))
		}
		for i := range before {
			directive := strings.HasPrefix(strings.TrimSpace(before[i]), "//export ") ||
				strings.HasPrefix(strings.TrimSpace(before[i]), "//go:wasmexport ")
			if before[i] != after[i] && !directive {
				t.Errorf("%s: line %d %q became %q", path, i+1, before[i], after[i])
			}
			if strings.HasSuffix(before[i], "\r") != strings.HasSuffix(after[i], "\r") {
				t.Errorf("%s: line %d lost its carriage return", path, i+1)
			}
		}
	}
}

func TestABI_packages_areImportedOnlyWhenNeeded(t *testing.T) {
	for name, want := range map[string]bool{"ok_double": false, "ok_raw_price": false, "ok_numeric_wrapped": false, "ok_json": true} {
		_, report := inspectFile(t, filepath.Join("testdata", name+".go.txt"))
		if got := strings.Contains(report.ABI, `"encoding/json"`); got != want {
			t.Errorf("%s: imports encoding/json: %v", name, got)
		}
		for _, export := range []string{"mimicore_alloc", "mimicore_warm", "mimicore_reset"} {
			if strings.Count(report.ABI, "//go:wasmexport "+export+"\n") != 1 {
				t.Errorf("%s: %s is not exported once", name, export)
			}
		}
	}
}

func TestInspect_problems_areSortedAndBounded(t *testing.T) {
	report, err := inspect([]byte("package main\n" + strings.Repeat("import \"net\"\n", problemsMax+50)))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != problemsMax {
		t.Errorf("%d problems", len(report.Problems))
	}
	if !slices.IsSortedFunc(report.Problems, func(a, b Problem) int { return a.Line - b.Line }) {
		t.Error("not in the order of the source")
	}
}

func TestInspect_sourceAboveTheLimit_isOneProblem(t *testing.T) {
	report, err := inspect(bytes.Repeat([]byte{' '}, sourceBytesMax+1))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != 1 || report.Problems[0].Code != codeSource {
		t.Errorf("%+v", report.Problems)
	}
}

func TestRun_anySource_writesOneDocument(t *testing.T) {
	var out bytes.Buffer
	if err := run(strings.NewReader("package main // <&>\n"), &out); err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	var report Report
	if err := decoder.Decode(&report); err != nil {
		t.Fatal(err)
	}
	if report.Main != "package main // <&>\n" || report.Problems == nil || report.Functions == nil || decoder.More() {
		t.Errorf("%+v", report)
	}
}
