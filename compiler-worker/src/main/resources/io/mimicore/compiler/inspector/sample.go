package main

import (
	"encoding/json"
	"go/types"
	"reflect"
	"strings"
)

// Bounds of a sample. Types can nest without end, and a sample has to show each kind of value only once.
const (
	sampleDepthMax  = 4
	sampleValuesMax = 200
)

// outlineSamples are the samples of types that write their JSON themselves.
var outlineSamples = map[string]string{
	"time.Time":                `"2024-02-29T12:00:00Z"`,
	"encoding/json.RawMessage": `{"a":1}`,
	"encoding/json.Number":     `"1"`,
}

// sample is JSON text that decodes into a type, for warming up encoding/json. It is empty when decoding or encoding the
// type would run methods of the author, which must not happen before the first call.
func (in *inspection) sample(t types.Type) string {
	s := &sampler{in: in}
	text := s.value(t, 0)
	if s.runsAuthorCode {
		return ""
	}
	return text
}

type sampler struct {
	in             *inspection
	values         int
	runsAuthorCode bool
}

func (s *sampler) value(t types.Type, depth int) string {
	s.values++
	if isInvalid(t) {
		return "null"
	}
	if s.in.ownMethods(t, append(jsonMethods, "IsZero")...) {
		s.runsAuthorCode = true
		return "null"
	}
	if depth > sampleDepthMax || s.values > sampleValuesMax {
		// The rest of the type is not looked at, so it could hold anything.
		s.runsAuthorCode = s.runsAuthorCode || s.in.hasJSONMethods()
		return "null"
	}
	if named, isNamed := types.Unalias(t).(*types.Named); isNamed && named.Obj().Pkg() != nil {
		if text, found := outlineSamples[named.Obj().Pkg().Path()+"."+named.Obj().Name()]; found {
			return text
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicSample(u)
	case *types.Pointer:
		return s.value(u.Elem(), depth+1)
	case *types.Slice:
		if elem := basicOf(u.Elem()); elem != nil && elem.Kind() == types.Byte {
			return `"YWJj"` // encoding/json carries []byte as base64
		}
		return "[" + s.value(u.Elem(), depth+1) + "]"
	case *types.Array:
		return "[" + s.value(u.Elem(), depth+1) + "]"
	case *types.Map:
		key := `"a"`
		if basic := basicOf(u.Key()); basic == nil || basic.Info()&types.IsInteger != 0 {
			key = `"1"`
		}
		s.value(u.Key(), depth+1) // only to learn about methods
		return "{" + key + ":" + s.value(u.Elem(), depth+1) + "}"
	case *types.Struct:
		return "{" + strings.Join(s.members(u, depth), ",") + "}"
	case *types.Interface:
		if u.Empty() {
			return `{"a":[1,"b",true,null]}`
		}
	}
	return "null"
}

// members are the members of a struct's JSON object. A type that contains itself ends at the depth bound.
func (s *sampler) members(t *types.Struct, depth int) []string {
	var all []string
	for i := range t.NumFields() {
		f := t.Field(i)
		tag, hasTag := reflect.StructTag(t.Tag(i)).Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" || (!f.Exported() && !f.Embedded()) {
			continue
		}
		if inner, isStruct := f.Type().Underlying().(*types.Struct); isStruct && f.Embedded() && !hasTag &&
			!s.in.ownMethods(f.Type(), jsonMethods...) {
			all = append(all, s.members(inner, depth+1)...)
			continue
		}
		if name == "" {
			name = f.Name()
		}
		value := s.value(f.Type(), depth+1)
		if strings.Contains(options, "string") {
			continue // such a number is written as text; the other members are enough
		}
		quoted, err := json.Marshal(name)
		if err == nil {
			all = append(all, string(quoted)+":"+value)
		}
	}
	return all
}

// hasJSONMethods says whether any type of the source has a method that encoding/json would call.
func (in *inspection) hasJSONMethods() bool {
	for _, name := range in.pkg.Scope().Names() {
		if declared, isType := in.pkg.Scope().Lookup(name).(*types.TypeName); isType &&
			in.ownMethods(declared.Type(), append(jsonMethods, "IsZero")...) {
			return true
		}
	}
	return false
}

func basicSample(b *types.Basic) string {
	switch {
	case b.Info()&types.IsBoolean != 0:
		return "true"
	case b.Info()&types.IsString != 0:
		return `"text"`
	case b.Info()&types.IsInteger != 0:
		return "42"
	case b.Info()&types.IsFloat != 0:
		return "1.5"
	}
	return "null"
}
