package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const exported = "\n//export f\nfunc f(x int) int { return x }\n"

// doubled declares types by a pattern with the numbers of a type and of the one before it.
func doubled(pattern string, count int) string {
	var text strings.Builder
	for i := 1; i <= count; i++ {
		fmt.Fprintf(&text, pattern+"\n", i, i-1)
	}
	return text.String()
}

func TestExtents_typesWithoutMeasure_areRefusedAtTheFirstTooLarge(t *testing.T) {
	pairs := "type p0 struct{ a, b int }\n"
	for name, declarations := range map[string]string{
		"structs":             pairs + doubled("type p%d struct{ a, b p%d }", 60),
		"arrays of structs":   pairs + doubled("type p%d struct{ a [3]p%[2]d; b struct{ c p%[2]d } }", 60),
		"interfaces":          "type p0 interface{ M() }\n" + doubled("type p%d interface{ p%[2]d; interface{ p%[2]d } }", 60),
		"in a function":       "func g() {\n" + pairs + doubled("type p%d struct{ a, b p%d }", 60) + "}\n",
		"type arguments":      "type q[T any] struct{ a, b T }\n\nvar v " + strings.Repeat("q[", 60) + "int" + strings.Repeat("]", 60) + "\n",
		"generic in generic":  "type p0[T any] struct{ a, b T }\n" + doubled("type p%d[T any] struct{ a p%[2]d[p%[2]d[T]] }", 20) + "\nvar v p20[int]\n",
		"a literal":           pairs + doubled("type p%d struct{ a, b p%d }", 12) + "\nvar v struct{ a0" + strings.Repeat(", a", 40) + " p12 }\n",
		"deep":                "type p0 int\n" + doubled("type p%d struct{ a p%d }", 200),
		"many of a great one": pairs + doubled("type p%d struct{ a, b p%d }", 14) + doubled("type u%d struct { a p14 } // %d", 200),
	} {
		t.Run(name, func(t *testing.T) {
			report, took := timed(t, "package main\n\n"+declarations+exported)

			if len(report.Problems) != 1 || report.Problems[0].Code != codeTypeSize {
				t.Errorf("%+v", report.Problems)
			}
			if took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestExtents_largeTypesWithinTheBounds_areTaken(t *testing.T) {
	for name, declarations := range map[string]string{
		"pointers":           "type p0 struct{ a, b int }\n" + doubled("type p%d struct{ a, b *p%d }", 90),
		"slices":             "type p0 struct{ a, b int }\n" + doubled("type p%d struct{ a, b []p%d }", 1_000),
		"doubled 14 times":   "type p0 struct{ a, b int }\n" + doubled("type p%d struct{ a, b p%d }", 14),
		"nested 90 deep":     "type p0 int\n" + doubled("type p%d struct{ a p%d }", 90),
		"in each other":      "type p0 struct{ a *p1 }\ntype p1 struct { b []p0; c map[string]p1 }\n",
		"index of a value":   "var list = []int{1}\nvar v = list[list[0]-1]\n",
		"many small":         doubled("type p%d struct{ a, b, c, d, e int } // %d", 20_000),
		"other type sharing": "type T struct{ a, b int }\nfunc g[T any](x T) T { return x }\nvar v = g[T](T{})\n",
	} {
		t.Run(name, func(t *testing.T) {
			report, took := timed(t, "package main\n\n"+declarations+exported)

			if len(report.Problems) != 0 {
				t.Errorf("%+v", report.Problems)
			}
			if took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestInspect_200000Parentheses_areASyntaxError(t *testing.T) {
	report, _ := timed(t, "package main\n\nvar v = "+strings.Repeat("(", 200_000)+"1"+strings.Repeat(")", 200_000)+"\n"+exported)

	if len(report.Problems) == 0 || report.Problems[0].Code != codeSyntax {
		t.Errorf("%+v", report.Problems)
	}
}

func timed(t *testing.T, source string) (*Report, time.Duration) {
	t.Helper()
	started := time.Now()
	report, err := inspect([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return report, time.Since(started)
}
