package main

import (
	"fmt"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module writes a source and its generated file into a module of their own, as the compiler worker does.
func module(t *testing.T, report *Report) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module usercode\n\ngo 1.24\n", "main.go": report.Main, "mimicore_abi.go": report.ABI,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func goTool(dir string, wasm bool, args ...string) (string, error) {
	command := exec.Command("go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "CGO_ENABLED=0")
	if wasm {
		command.Env = append(command.Env, "GOOS=wasip1", "GOARCH=wasm")
	}
	output, err := command.CombinedOutput()
	return string(output), err
}

func TestBuild_acceptedCases_becomeModules(t *testing.T) {
	for _, path := range cases(t, "ok_*") {
		if strings.Contains(path, "ok_unknown_type") {
			continue // the next test's
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, report := inspectFile(t, path)
			output, err := goTool(module(t, report), true, "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w",
				"-buildvcs=false", "-o", "user.wasm", ".")
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

func TestBuild_unknownType_isReportedInTheAuthorsFileOnly(t *testing.T) {
	_, report := inspectFile(t, filepath.Join("testdata", "ok_unknown_type.go.txt"))
	output, err := goTool(module(t, report), true, "build", "-buildmode=c-shared", "-o", "user.wasm", ".")
	if err == nil {
		t.Fatal("built")
	}
	for _, want := range []string{"./main.go:4:10: undefined: missing", "./main.go:4:21: undefined: big", "./main.go:4:30: undefined: other"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is missing in\n%s", want, output)
		}
	}
	if strings.Contains(output, "mimicore_abi.go") {
		t.Errorf("errors outside the author's file:\n%s", output)
	}
}

// The wrappers are ordinary Go apart from their addresses, so their behaviour is tested natively.
func TestWrappers_everyOutcome_isAsDocumented(t *testing.T) {
	source, report := inspectFile(t, filepath.Join("testdata", "ok_behaviour.go.txt"))
	drive, err := os.ReadFile(filepath.Join("testdata", "drive", "drive_test.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	dir := module(t, report)
	text := strings.Replace(string(drive), "SAMPLES", samples(t, source), 1)
	if err := os.WriteFile(filepath.Join(dir, "drive_test.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if output, err := goTool(dir, false, "test", "-vet=off", "."); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// samples lists every type of the source that has a sample, as Go text.
func samples(t *testing.T, source []byte) string {
	t.Helper()
	in := &inspection{source: source, files: token.NewFileSet()}
	if !in.parse() {
		t.Fatal(in.problems)
	}
	in.scan()
	in.checkTypes()
	var all []string
	for _, e := range in.findExports() {
		for v := range e.signature.Params().Variables() {
			if sample := in.sample(v.Type()); sample != "" {
				all = append(all, fmt.Sprintf("{new(%s), %q}", types.TypeString(v.Type(), func(p *types.Package) string {
					if p == in.pkg {
						return ""
					}
					return p.Name()
				}), sample))
			}
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d samples", len(all))
	}
	return strings.Join(all, ",\n")
}

func TestStandardPackages_toolchain_areAllKnown(t *testing.T) {
	output, err := goTool(".", false, "list", "std")
	if err != nil {
		t.Fatal(output)
	}
	for path := range strings.FieldsSeq(output) {
		parts := strings.Split(path, "/")
		if !slices.Contains(parts, "internal") && parts[0] != "vendor" && !slices.Contains(standardPackages, path) {
			t.Errorf("%s is missing in standardPackages", path)
		}
	}
	if !slices.IsSorted(standardPackages) {
		t.Error("not sorted")
	}
}
