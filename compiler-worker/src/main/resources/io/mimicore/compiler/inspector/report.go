package main

import (
	"cmp"
	"slices"
)

// problemsMax bounds the problems of one report. A source that is not Go at all yields one per token.
const problemsMax = 100

// Shape says how arguments and result of an exported function travel between the host and the module.
type Shape string

const (
	// Numeric functions take and return WASM numbers.
	Numeric Shape = "NUMERIC"
	// Raw functions take the address and size of bytes and return address<<32 | size.
	Raw Shape = "RAW"
	// JSON functions are called through a wrapper that takes a JSON array of the arguments.
	JSON Shape = "JSON"
)

// Codes of problems. They are part of the contract with the compiler worker and do not change.
const (
	codeSource          = "GO_SOURCE"
	codeSyntax          = "GO_SYNTAX"
	codePackage         = "GO_PACKAGE"
	codeImportC         = "GO_IMPORT_C"
	codeImportUnknown   = "GO_IMPORT_UNKNOWN"
	codeImportForbidden = "GO_IMPORT_FORBIDDEN"
	codeDirective       = "GO_DIRECTIVE"
	codeExportName      = "GO_EXPORT_NAME"
	codeExportReserved  = "GO_EXPORT_RESERVED"
	codeExportDuplicate = "GO_EXPORT_DUPLICATE"
	codeExportDetached  = "GO_EXPORT_DETACHED"
	codeExportSpace     = "GO_EXPORT_SPACE"
	codeExportMethod    = "GO_EXPORT_METHOD"
	codeExportGeneric   = "GO_EXPORT_GENERIC"
	codeExportVariadic  = "GO_EXPORT_VARIADIC"
	codeExportTarget    = "GO_EXPORT_TARGET"
	codeParamType       = "GO_PARAM_TYPE"
	codeResultType      = "GO_RESULT_TYPE"
	codeResultCount     = "GO_RESULT_COUNT"
	codeRawSignature    = "GO_RAW_SIGNATURE"
	codeNameReserved    = "GO_NAME_RESERVED"
	codeNameShadowed    = "GO_NAME_SHADOWED"
	codeTypeSize        = "GO_TYPE_SIZE"
)

// Report is the whole answer. Main and ABI are empty when there are problems.
type Report struct {
	Problems  []Problem  `json:"problems"`
	Functions []Function `json:"functions"`
	Main      string     `json:"main"`
	ABI       string     `json:"abi"`
}

// Problem is one thing the author has to change. Line counts from 1; Column counts UTF-8 bytes from 1.
type Problem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Function is one exported function. Line and Column are the place of its name.
type Function struct {
	Name   string      `json:"name"`
	Shape  Shape       `json:"shape"`
	Line   int         `json:"line"`
	Column int         `json:"column"`
	Params []Parameter `json:"params"`
	// Result is empty when the function returns nothing, or nothing but an error.
	Result string `json:"result"`
	// Error says whether the last result is an error.
	Error bool `json:"error"`
}

// Parameter is one parameter. Name is empty when the author gave none. Type is the basic type of a numeric function's
// parameter (byte is uint8, rune is int32, a named type is what it is made of), and the author's own text otherwise.
type Parameter struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// arrange puts the problems into the order of the source and drops repetitions and everything above problemsMax.
func arrange(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	problems = slices.Compact(problems)
	return problems[:min(len(problems), problemsMax)]
}
