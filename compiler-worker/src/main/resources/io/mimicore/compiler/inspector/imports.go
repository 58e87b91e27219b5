package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// noNetwork is said of every package whose purpose is to speak over a network.
const noNetwork = "there is no network in the sandbox"

// forbiddenPackages are packages of the standard library that cannot work in the sandbox, with the reason. Some of them
// compile, and then fail at every call or pull megabytes into the module.
var forbiddenPackages = map[string]string{
	"crypto/tls":  noNetwork,
	"expvar":      noNetwork,
	"log/syslog":  noNetwork,
	"net":         noNetwork,
	"net/smtp":    noNetwork,
	"os/exec":     "no other program can be started in the sandbox",
	"plugin":      "plugins cannot be loaded in the sandbox",
	"runtime/cgo": "there is no C in the sandbox",
	"syscall/js":  "the sandbox is no browser",
}

// forbiddenTrees are path prefixes treated as forbiddenPackages.
var forbiddenTrees = map[string]string{
	"net/http": noNetwork,
	"net/rpc":  noNetwork,
}

func (in *inspection) checkImports() {
	if in.syntax == nil {
		return
	}
	for _, spec := range in.syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // a syntax error, reported as such
		}
		in.checkImport(path, func(code, message, hint string) { in.problem(spec.Path.Pos(), code, message, hint) })
	}
}

func (in *inspection) checkImport(path string, report func(code, message, hint string)) {
	reason := forbiddenPackages[path]
	for tree, why := range forbiddenTrees {
		if path == tree || strings.HasPrefix(path, tree+"/") {
			reason = why
		}
	}
	first, _, _ := strings.Cut(path, "/")
	switch {
	case path == "C":
		report(codeImportC, "import \"C\": there is no C in the sandbox", "write the function in Go; //export works without cgo")
	case reason == noNetwork:
		report(codeImportForbidden, fmt.Sprintf("import %q: %s", path, reason),
			"call the service in transform.http and pass its result to the function; net/url and net/netip are allowed")
	case reason != "":
		report(codeImportForbidden, fmt.Sprintf("import %q: %s", path, reason), "do it with plain Go, or in an upstream service")
	case slices.Contains(standardPackages, path):
	case strings.HasPrefix(path, "."):
		report(codeImportUnknown, fmt.Sprintf("import %q: there are no packages beside the source", path),
			"put the code into this one source")
	case strings.Contains(first, "."):
		report(codeImportUnknown, fmt.Sprintf("import %q: modules are not downloaded; only the standard library is there", path),
			"copy the few functions you need into the source, or upload a prebuilt .wasm")
	case first == "internal" || first == "vendor" || strings.Contains(path, "/internal/") || strings.HasSuffix(path, "/internal"):
		report(codeImportUnknown, fmt.Sprintf("import %q: internal packages cannot be imported", path),
			"use a package of the standard library that is documented")
	default:
		report(codeImportUnknown, fmt.Sprintf("import %q: no such package in the standard library", path), nearest(path))
	}
}

// nearest names the package the author may have meant: one that ends the same way ("json" for "encoding/json"), else one
// that differs in at most two letters.
func nearest(path string) string {
	for _, known := range standardPackages {
		if strings.HasSuffix(known, "/"+path) {
			return fmt.Sprintf("did you mean %q?", known)
		}
	}
	best, distance := "", 3
	for _, known := range standardPackages {
		if d := editDistance(path, known); d < distance {
			best, distance = known, d
		}
	}
	if best == "" {
		return "only the standard library is there; see pkg.go.dev/std for its packages"
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// editDistance counts the single-byte insertions, deletions and substitutions between two names (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
