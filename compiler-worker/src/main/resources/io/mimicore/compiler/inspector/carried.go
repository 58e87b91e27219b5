package main

import (
	"fmt"
	"go/types"
	"reflect"
)

// jsonMethods are the methods by which a type says itself how it looks in JSON.
var jsonMethods = []string{"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"}

// typesMax bounds the types that are looked at for one parameter or result.
const typesMax = 1000

// checkCarried reports the parameters and results that JSON cannot carry. It says whether there are any.
func (in *inspection) checkCarried(e *export) bool {
	in.withJSON = true
	found := false
	report := func(f field, code, message, hint string) {
		found = true
		in.problem(f.pos, code, message, hint)
	}
	for i, f := range fields(e.decl.Type.Params) {
		check := carriage{in: in, inward: true, seen: map[types.Type]bool{}}
		if reason, hint := check.refusal(e.signature.Params().At(i).Type(), ""); reason != "" {
			report(f, codeParamType, fmt.Sprintf("argument %d of %s: %s", i+1, e.function.Name, reason), hint)
		}
	}
	results := fields(e.decl.Type.Results)
	if len(results) > 2 || (len(results) == 2 && !e.fails()) || (len(results) == 2 && isErrorType(e.value())) {
		report(results[0], codeResultCount, fmt.Sprintf("func %s returns %d values", e.decl.Name.Name, len(results)),
			"return nothing, one value, an error, or one value and an error; put several values into a struct")
		return true
	}
	if value := e.value(); value != nil {
		check := carriage{in: in, inward: false, seen: map[types.Type]bool{}}
		if reason, hint := check.refusal(value, ""); reason != "" {
			report(results[0], codeResultType, fmt.Sprintf("result of %s: %s", e.function.Name, reason), hint)
		}
	}
	return found
}

// carriage decides whether encoding/json can carry a type, inward (decoded into a parameter) or outward.
type carriage struct {
	in     *inspection
	inward bool
	seen   map[types.Type]bool
}

// refusal gives the reason why a type cannot be carried, and a hint; both are empty if it can. Path leads to the type, as in
// "User.Address".
func (c carriage) refusal(t types.Type, path string) (reason, hint string) {
	// The bound ends the walk through generic types that grow with every level, which the compiler refuses.
	if c.seen[t] || len(c.seen) > typesMax || isInvalid(t) || c.speaksForItself(t) {
		return "", ""
	}
	c.seen[t] = true
	if named, isNamed := types.Unalias(t).(*types.Named); isNamed && path == "" && named.Obj().Pkg() == c.in.pkg {
		path = named.Obj().Name()
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsComplex != 0 || u.Kind() == types.UnsafePointer {
			return c.no(t, path, "use a number, a string or a struct")
		}
	case *types.Pointer:
		return c.refusal(u.Elem(), path)
	case *types.Slice:
		return c.refusal(u.Elem(), path)
	case *types.Array:
		return c.refusal(u.Elem(), path)
	case *types.Map:
		if !c.isKey(u.Key()) {
			return c.no(t, path, "the keys of a JSON object are text: use a string or an integer type as the key")
		}
		return c.refusal(u.Elem(), path)
	case *types.Struct:
		return c.structRefusal(u, path)
	case *types.Interface:
		if c.inward && !u.Empty() {
			return c.no(t, path, "an interface with methods cannot be made from JSON: take a struct, or any")
		}
	default: // channels and functions
		return c.no(t, path, "pass data; a channel or a function cannot leave the module")
	}
	return "", ""
}

func (c carriage) structRefusal(s *types.Struct, path string) (reason, hint string) {
	for i := range s.NumFields() {
		f := s.Field(i)
		tag := reflect.StructTag(s.Tag(i)).Get("json")
		if tag == "-" || (!f.Exported() && !f.Embedded()) {
			continue // encoding/json skips it too
		}
		name := f.Name()
		if path != "" {
			name = path + "." + name
		}
		if reason, _ := c.refusal(f.Type(), name); reason != "" {
			return reason, "leave the field out of JSON with the tag `json:\"-\"`, or change its type"
		}
	}
	return "", ""
}

// speaksForItself says whether a type brings its own JSON form, by methods of the author or of the library.
func (c carriage) speaksForItself(t types.Type) bool {
	if types.IsInterface(t) {
		return false // nothing says which type to make
	}
	names := []string{"MarshalJSON", "MarshalText"}
	if c.inward {
		names = []string{"UnmarshalJSON", "UnmarshalText"}
	}
	for _, name := range names {
		found, _, _ := types.LookupFieldOrMethod(t, true, c.in.pkg, name)
		if _, isMethod := found.(*types.Func); isMethod {
			return true
		}
	}
	return false
}

func (c carriage) isKey(t types.Type) bool {
	basic := basicOf(t)
	return isInvalid(t) || c.speaksForItself(t) ||
		(basic != nil && basic.Info()&(types.IsString|types.IsInteger) != 0)
}

func (c carriage) no(t types.Type, path, hint string) (string, string) {
	text := types.TypeString(t, types.RelativeTo(c.in.pkg))
	if path != "" && path != text {
		return fmt.Sprintf("%s is of type %s, which JSON cannot carry", path, text), hint
	}
	return fmt.Sprintf("JSON cannot carry type %s", text), hint
}
