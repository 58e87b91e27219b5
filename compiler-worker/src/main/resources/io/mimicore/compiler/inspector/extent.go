package main

import (
	"fmt"
	"go/ast"
	"go/token"
)

// Bounds on what types contain by value. Go's type checkers, here and in the compiler, walk from every declared type through
// all that it contains, again for every field, and compare each type on the way with those it is nested in. So 30 structs of
// two fields, each of the one before it, cost hours.
const (
	// extentMax is how many fields and elements one type may contain, those of the types in it included.
	extentMax = 100_000
	// extentTotalMax is the same for all types of a source together.
	extentTotalMax = 4_000_000
	// nestingMax is how deep types may lie in each other.
	nestingMax = 100
)

// extent says how much a checker walks through for one type. A generic type's is that of its arguments, which its parameters
// stand for, and of the rest.
type extent struct {
	// size counts fields, elements and types, without parameters.
	size int
	// uses says how often each type parameter is contained.
	uses []int
	// depth counts the declared types on the longest way in.
	depth int
}

// within puts the contents of a part into a whole, times over. It stays just above the bound instead of overflowing.
func (e extent) within(part extent, times int) extent {
	sum := extent{size: bounded(e.size + times*part.size), uses: make([]int, max(len(e.uses), len(part.uses))), depth: max(e.depth, part.depth)}
	copy(sum.uses, e.uses)
	for i, n := range part.uses {
		sum.uses[i] = bounded(sum.uses[i] + times*n)
	}
	return sum
}

func bounded(count int) int { return min(count, extentMax+1) }

func (e extent) isTooLarge() bool { return e.size > extentMax || e.depth > nestingMax }

// extents measures the types of one source by their names alone: before types are checked there is nothing else. Where a name
// is declared more than once, in functions, the largest counts.
type extents struct {
	declared map[string][]*ast.TypeSpec
	// known holds what was measured; while a type is being measured it counts as empty there, so that types which contain
	// themselves, which the compiler refuses, have an end.
	known map[*ast.TypeSpec]extent
}

// checkExtents reports the types that are too large to be checked. It says whether types may be checked.
func (in *inspection) checkExtents() bool {
	all := extents{declared: map[string][]*ast.TypeSpec{}, known: map[*ast.TypeSpec]extent{}}
	ast.Inspect(in.syntax, func(node ast.Node) bool {
		if spec, isType := node.(*ast.TypeSpec); isType {
			all.declared[spec.Name.Name] = append(all.declared[spec.Name.Name], spec)
		}
		return true
	})
	total, found := 0, false
	count := func(e extent, pos token.Pos, what string) {
		total = min(total+e.size, extentTotalMax+1)
		if e.isTooLarge() && !found {
			found = true // those that contain it are too large as well
			in.problem(pos, codeTypeSize, fmt.Sprintf("%s contains more than %d fields and elements, or types nested more than %d deep",
				what, extentMax, nestingMax), extentHint)
		}
	}
	ast.Inspect(in.syntax, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.TypeSpec:
			count(all.ofDeclared(n), n.Name.Pos(), "type "+n.Name.Name)
			return false
		case *ast.StructType, *ast.InterfaceType:
			count(all.of(n.(ast.Expr), nil), n.Pos(), "the type")
			return false
		case *ast.IndexExpr, *ast.IndexListExpr:
			if !all.isGeneric(n.(ast.Expr)) {
				return true
			}
			count(all.of(n.(ast.Expr), nil), n.Pos(), "the type")
			return false
		}
		return true
	})
	if total > extentTotalMax && !found {
		found = true
		in.problem(in.syntax.Name.Pos(), codeTypeSize,
			fmt.Sprintf("the types of the source contain more than %d fields and elements together", extentTotalMax), extentHint)
	}
	return !found
}

const extentHint = "make the types smaller: a pointer or a slice holds others without containing them"

func (all extents) ofDeclared(spec *ast.TypeSpec) extent {
	if e, found := all.known[spec]; found {
		return e
	}
	all.known[spec] = extent{}
	parameters := map[string]int{}
	if spec.TypeParams != nil {
		for _, field := range spec.TypeParams.List {
			for _, name := range field.Names {
				parameters[name.Name] = len(parameters)
			}
		}
	}
	e := all.of(spec.Type, parameters)
	e = e.within(extent{size: 1}, 1)
	e.depth++
	all.known[spec] = e
	return e
}

// of measures the type that an expression names, in terms of the type parameters in scope.
func (all extents) of(expr ast.Expr, parameters map[string]int) extent {
	switch t := expr.(type) {
	case *ast.Ident:
		if i, found := parameters[t.Name]; found {
			uses := make([]int, i+1)
			uses[i] = 1
			return extent{uses: uses}
		}
		return all.named(t.Name, nil, parameters)
	case *ast.ParenExpr:
		return all.of(t.X, parameters)
	case *ast.ArrayType:
		if t.Len != nil {
			return all.of(t.Elt, parameters).within(extent{size: 1}, 1)
		}
	case *ast.StructType:
		return all.fields(t.Fields, parameters)
	case *ast.InterfaceType:
		return all.fields(t.Methods, parameters)
	case *ast.UnaryExpr:
		return all.of(t.X, parameters)
	case *ast.BinaryExpr:
		return all.of(t.X, parameters).within(all.of(t.Y, parameters), 1)
	case *ast.IndexExpr:
		if name, isName := t.X.(*ast.Ident); isName {
			return all.named(name.Name, []ast.Expr{t.Index}, parameters)
		}
	case *ast.IndexListExpr:
		if name, isName := t.X.(*ast.Ident); isName {
			return all.named(name.Name, t.Indices, parameters)
		}
	}
	// Pointers, slices, maps, channels and functions refer to types without containing them; other packages' types are small.
	return extent{size: 1}
}

func (all extents) fields(list *ast.FieldList, parameters map[string]int) extent {
	sum := extent{size: 1}
	for _, field := range list.List {
		sum = sum.within(all.of(field.Type, parameters), max(1, len(field.Names)))
	}
	return sum
}

// named measures a declared type with its arguments in place of its parameters.
func (all extents) named(name string, arguments []ast.Expr, parameters map[string]int) extent {
	largest := extent{size: 1}
	for _, spec := range all.declared[name] {
		generic := all.ofDeclared(spec)
		e := extent{size: generic.size, depth: generic.depth}
		for i, argument := range arguments {
			if i < len(generic.uses) && generic.uses[i] > 0 {
				part := all.of(argument, parameters)
				e = e.within(part, generic.uses[i])
				e.depth = min(generic.depth+part.depth, nestingMax+1)
			}
		}
		if e.size >= largest.size {
			largest = e
		}
	}
	return largest
}

func (all extents) isGeneric(expr ast.Expr) bool {
	var of ast.Expr
	switch t := expr.(type) {
	case *ast.IndexExpr:
		of = t.X
	case *ast.IndexListExpr:
		of = t.X
	}
	name, isName := of.(*ast.Ident)
	return isName && len(all.declared[name.Name]) > 0
}
