package main

import (
	"fmt"
	"go/ast"
	"go/types"
)

// classify finds the shape of an exported function and fills in its entry. It says whether the function can be called.
func (in *inspection) classify(e *export) bool {
	if e.signature.Variadic() {
		last := e.decl.Type.Params.List[len(e.decl.Type.Params.List)-1]
		in.problem(last.Type.Pos(), codeExportVariadic, fmt.Sprintf("func %s takes any number of arguments", e.decl.Name.Name),
			"take a slice instead; templates pass a list as one argument")
		return false
	}
	switch {
	case in.isRaw(e.signature):
		e.function.Shape = Raw
	case in.isNumeric(e.signature):
		e.function.Shape = Numeric
		e.wrapped = !isDirect(e.signature)
	case in.checkRawLike(e), in.checkCarried(e):
		return false
	default:
		e.function.Shape = JSON
		e.wrapped = true
	}
	in.describe(e)
	return true
}

// describe fills in parameters and result.
func (in *inspection) describe(e *export) {
	text := func(expr ast.Expr, t types.Type) string {
		if e.function.Shape == Numeric {
			return basicOf(t).Name()
		}
		return typeText(expr)
	}
	for i, f := range fields(e.decl.Type.Params) {
		e.function.Params = append(e.function.Params, Parameter{f.name, text(f.expr, e.signature.Params().At(i).Type())})
	}
	if e.value() != nil {
		e.function.Result = text(fields(e.decl.Type.Results)[0].expr, e.value())
	}
	e.function.Error = e.fails()
}

// fails says whether the last result is an error.
func (e *export) fails() bool {
	n := e.signature.Results().Len()
	return n > 0 && isErrorType(e.signature.Results().At(n-1).Type())
}

// value is the type of the result that is not the error, or nil.
func (e *export) value() types.Type {
	n := e.signature.Results().Len()
	if n == 0 || (n == 1 && e.fails()) {
		return nil
	}
	return e.signature.Results().At(0).Type()
}

// isRaw says whether the signature is func(*byte, uint32) uint64, or the same with unsafe.Pointer.
func (in *inspection) isRaw(s *types.Signature) bool {
	return s.Params().Len() == 2 && s.Results().Len() == 1 &&
		isRawPointer(s.Params().At(0).Type()) &&
		types.Identical(s.Params().At(1).Type(), types.Typ[types.Uint32]) &&
		types.Identical(s.Results().At(0).Type(), types.Typ[types.Uint64])
}

func isRawPointer(t types.Type) bool {
	return types.Identical(t, types.NewPointer(types.Typ[types.Byte])) || types.Identical(t, types.Typ[types.UnsafePointer])
}

// checkRawLike reports a signature that is meant to be raw and is not: a pointer to a byte and an integer. As JSON it would
// compile, and never be what the author meant.
func (in *inspection) checkRawLike(e *export) bool {
	params := e.signature.Params()
	if params.Len() != 2 || !isRawPointer(params.At(0).Type()) || basicOf(params.At(1).Type()) == nil ||
		basicOf(params.At(1).Type()).Info()&types.IsInteger == 0 {
		return false
	}
	in.problem(e.decl.Name.Pos(), codeRawSignature,
		fmt.Sprintf("func %s takes bytes by address but is not of the raw form", e.decl.Name.Name),
		fmt.Sprintf("write func %s(ptr *byte, size uint32) uint64, or take ordinary Go types instead", e.decl.Name.Name))
	return true
}

// isNumeric says whether all of a signature can travel as WASM numbers.
func (in *inspection) isNumeric(s *types.Signature) bool {
	if s.Results().Len() > 1 {
		return false
	}
	for _, tuple := range []*types.Tuple{s.Params(), s.Results()} {
		for v := range tuple.Variables() {
			if !in.isNumber(v.Type()) {
				return false
			}
		}
	}
	return true
}

// isNumber says whether a type is a number or a bool, or a type of the source made of one. A type with JSON methods is not:
// its author wants "red", not 3.
func (in *inspection) isNumber(t types.Type) bool {
	if named, isNamed := types.Unalias(t).(*types.Named); isNamed {
		if named.Obj().Pkg() != in.pkg || in.ownMethods(t, jsonMethods...) {
			return false
		}
	}
	basic := basicOf(t)
	return basic != nil && wireTypes[basic.Kind()] != ""
}

// basicOf is the basic type that a type is made of, by its usual name (uint8, not byte), or nil.
func basicOf(t types.Type) *types.Basic {
	basic, isBasic := t.Underlying().(*types.Basic)
	if !isBasic || basic.Kind() == types.Invalid {
		return nil
	}
	return types.Typ[basic.Kind()]
}

// wireTypes gives for each numeric type the one that stands for it in a go:wasmexport signature. A type that stands for
// itself is passed without a wrapper. Go's int is 64 bits wide on WASM, TinyGo's 32; both fit into an int64.
var wireTypes = map[types.BasicKind]string{
	types.Bool:    "bool",
	types.Int8:    "int32",
	types.Int16:   "int32",
	types.Int32:   "int32",
	types.Int64:   "int64",
	types.Int:     "int64",
	types.Uint8:   "uint32",
	types.Uint16:  "uint32",
	types.Uint32:  "uint32",
	types.Uint64:  "uint64",
	types.Uint:    "uint64",
	types.Float32: "float32",
	types.Float64: "float64",
}

// isDirect says whether go:wasmexport accepts a numeric signature as it is.
func isDirect(s *types.Signature) bool {
	for _, tuple := range []*types.Tuple{s.Params(), s.Results()} {
		for v := range tuple.Variables() {
			if basic := basicOf(v.Type()); wireTypes[basic.Kind()] != basic.Name() {
				return false
			}
		}
	}
	return true
}
